"""Explaining what a network listens to in a voice: a small package to take away.

One module, one idea, in the order in which the data flows; a module imports only
from those above it:

places     where things lie: what is shipped, what one makes oneself
files      files that are written whole or not at all
split      who trains, who validates, who tests
audio      a sound file -> samples
corpus     a corpus as an object; what a folder of recordings holds
ravdess    RAVDESS, the corpus of this course
naming     what names of recordings tell: emotions, speakers, a pattern
corpora    recordings of one's own, and published corpora, as a corpus
voices     stand-in voices for a machine without the recordings
archives   the archive of RAVDESS: fetch and unpack
find       where the recordings are
features   sound -> what each mel band does, in dB
tables     the two tables that pass between lessons: write and check
scoring    unweighted average recall, with an interval over actors
network    the CNN: build, train, predict
models     a network as a file, and its manifest
shapley    attributions: by gradients, exact, in families
trust      the tests of an explanation
listen     attribution -> gain per frequency -> sound; attribution over time
plots      figures that more than one cell draws
"""

import os

# TensorFlow's faster kernels add numbers in another order on another processor, and
# announce so at every start. The log level hides what its compiled part writes about
# itself (processor, graph attributes); errors reach Python as exceptions all the same.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
