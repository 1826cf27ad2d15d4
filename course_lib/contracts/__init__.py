"""What the course accepts, and the sentence for anything else: arguments, data, labels, batches, networks."""

from course_lib.contracts.batches import Batch, BatchContract
from course_lib.contracts.data import DataContract
from course_lib.contracts.labels import LabelContract, class_weights

__all__ = [
    "Batch",
    "BatchContract",
    "DataContract",
    "LabelContract",
    "class_weights",
]
