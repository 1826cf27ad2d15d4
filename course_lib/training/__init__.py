"""How models are trained: the base of every model, and what may be given to its `fit`."""

from course_lib.training.callbacks import KeepBest, KLWarmup, Progress, SamplePictures
from course_lib.training.model import UnsupervisedModel, in_batches, to_numpy, weighted_mean
from course_lib.training.optimizers import ScaledAdam
from course_lib.training.restarting import restart
from course_lib.training.resuming import ResumableTraining

__all__ = [
    "KLWarmup",
    "KeepBest",
    "Progress",
    "ResumableTraining",
    "SamplePictures",
    "ScaledAdam",
    "UnsupervisedModel",
    "in_batches",
    "restart",
    "to_numpy",
    "weighted_mean",
]
