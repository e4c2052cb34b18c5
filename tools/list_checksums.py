"""Write the list of the recordings as published, name and checksum of the samples.

    python tools/list_checksums.py FOLDER

FOLDER holds RAVDESS as it is on Zenodo. Whoever has the list can say whether a
recording is whole and unchanged; it holds nothing of what can be heard.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "notebooks"))
TARGET = ROOT / "notebooks" / "xai4ser" / "ravdess_checksums.csv"


def main() -> None:
    from xai4ser import audio, files

    sounds = {p.stem: p for p in Path(sys.argv[1]).rglob("*.wav")}
    lines = [f"{name},{audio.fingerprint(sounds[name])}\n" for name in sorted(sounds)]
    files.write_text(TARGET, "name,checksum\n" + "".join(lines))
    print(f"{len(lines)} recordings in {TARGET.name}")


if __name__ == "__main__":
    main()
