"""shap's own explainers at several budgets: what each costs, how precise it is."""

import time
import warnings


def stock_explainers(model, recordings, background, precision) -> dict:
    """shap's own explainers, at several budgets, on ``recordings``."""
    import numpy as np
    import shap

    from xai4ser import features, shapley

    # Known and harmless; the gap to additivity is measured all the same.
    warnings.filterwarnings("ignore", message="The structure of `inputs` doesn't")
    warnings.filterwarnings("ignore", message="Your TensorFlow version is newer")
    scores = shapley.scores_model(model)
    bands, measures = recordings.shape[1:]

    def in_table_order(rows):
        return rows.transpose(0, 2, 1).reshape(len(rows), -1)

    def score_of_rows(rows):
        inputs = features.network_input(rows)
        parts = [inputs[start : start + 4096] for start in range(0, len(inputs), 4096)]
        return np.concatenate([scores(part).numpy() for part in parts])

    def of_features(values):  # (recordings, features, emotions) -> by band
        return values.reshape(len(values), measures, bands, -1).transpose(0, 2, 1, 3)

    ten, hundred = in_table_order(background[:10]), background
    count = bands * measures
    tree = shapley.tree_of_neighbours(count)

    # Each returns a function of recordings, so that what is prepared once is not timed.

    def permutation(rounds):
        masker = shap.maskers.Independent(ten)
        explainer = shap.PermutationExplainer(score_of_rows, masker, seed=0)
        budget = rounds * (2 * count + 1)
        return lambda some: of_features(
            explainer(in_table_order(some), max_evals=budget, silent=True).values
        )

    def partition(budget):
        masker = shap.maskers.Partition(ten, clustering=tree)
        explainer = shap.PartitionExplainer(score_of_rows, masker)
        return lambda some: of_features(
            explainer(in_table_order(some), max_evals=budget, silent=True).values
        )

    def kernel(budget):
        explainer = shap.KernelExplainer(score_of_rows, ten)

        def explain(some):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # too few samples for its regression
                values = explainer.shap_values(
                    in_table_order(some), nsamples=budget, silent=True, l1_reg=0
                )
            return of_features(np.asarray(values))

        return explain

    def gradient(samples):
        explainer = shap.GradientExplainer(scores, hundred)
        return lambda some: explainer.shap_values(some, nsamples=samples, rseed=0)

    def deep(size):
        explainer = shap.DeepExplainer(
            (scores.inputs, scores.outputs[0]), hundred[:size]
        )
        return explainer.shap_values

    explainers = {
        "GradientExplainer": (gradient, (25, 100, 400)),
        "DeepExplainer": (deep, (10, 30, 100)),
        "PermutationExplainer": (permutation, (1, 4)),
        "PartitionExplainer": (partition, (500, 4000)),
        "KernelExplainer": (kernel, (2304, 8192)),
    }
    result = {}
    for name, (prepare, budgets) in explainers.items():
        result[name] = {}
        for budget in budgets:
            print(f"  {name} {budget}", flush=True)
            explain = prepare(budget)
            explain(recordings[:1])  # traces its graph
            start = time.perf_counter()
            found = explain(recordings)
            each = (time.perf_counter() - start) / len(found)
            result[name][str(budget)] = {
                "seconds per recording": each,
                "hours for all 1440, extrapolated": 1440 * each / 3600,
                **precision(found),
            }
    return result
