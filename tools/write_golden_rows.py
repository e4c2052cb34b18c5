"""Write tests/golden_rows.csv: what the features of four stand-in voices are.

A test compares them with what the library measures now, so that no constant and no
formula of the features can change unseen. Run it only when a change is meant, together
with everything else that is made from the features.
"""

import librosa
import pandas as pd

from repository import ROOT
from xai4ser import extraction, features, voices

TAKES = (  # emotion, actor, statement
    ("angry", 1, 1),
    ("sad", 2, 2),
    ("happy", 3, 1),
    ("calm", 4, 2),
)
FILE = ROOT / "tests" / "golden_rows.csv"


def measured() -> pd.DataFrame:
    """Features (columns) of each voice, clean and noisy (rows), as in the table."""
    rows = {}
    for emotion, actor, statement in TAKES:
        sound, rate = voices.speak(emotion, actor, statement)
        samples = librosa.resample(
            sound, orig_sr=rate, target_sr=features.SAMPLING_RATE
        )
        noisy = extraction.add_noise(samples, f"{emotion}.wav", 20.0)
        rows[f"{emotion} clean"] = extraction.features_of(samples)
        rows[f"{emotion} noisy"] = extraction.features_of(noisy)
    found = extraction.rounded(pd.DataFrame(rows).T.to_numpy())
    return pd.DataFrame(found, list(rows), extraction.feature_columns())


if __name__ == "__main__":
    measured().to_csv(FILE, index_label="voice", lineterminator="\n")
    print(f"written: {FILE.relative_to(ROOT)}")
