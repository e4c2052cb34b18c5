"""The small library that the notebooks of this tutorial share.

One module, one idea, in the order in which the data flows; a module imports
only from those above it:

corpus     find, fetch, check and list the recordings; decode a file name
voices     stand-in voices for a machine without the recordings
features   sound -> what each mel band does, in dB
tables     the two tables that pass between notebooks: write and check
split      who trains, who validates, who tests
network    the CNN: build, train, score, save, load
shapley    attributions: by gradients, exact, in families; their ``shap.Explanation``
trust      the tests of an explanation
listen     attribution -> gain per frequency -> sound; attribution over time
plots      figures that more than one cell draws, and the players
panels     the explorer, the game and the own voice of notebook 5, as widgets
tasks      the exercises, each with its reference solution
exercises  check, hint, solution; the folded blocks of the notebooks
"""
