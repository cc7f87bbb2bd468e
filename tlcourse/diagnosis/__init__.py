"""The doctor: what is wrong with a folder of pictures, what it costs, and what to do about it."""

from tlcourse.diagnosis.diagnose import diagnose
from tlcourse.diagnosis.diagnosis import Diagnosis
from tlcourse.diagnosis.findings import Finding
from tlcourse.diagnosis.kinds import COSTS, KINDS, Kind
from tlcourse.diagnosis.messy import Fault, Messy, make_messy
from tlcourse.diagnosis.writing import Written

__all__ = [
    "COSTS",
    "Diagnosis",
    "Fault",
    "Finding",
    "KINDS",
    "Kind",
    "Messy",
    "Written",
    "diagnose",
    "make_messy",
]
