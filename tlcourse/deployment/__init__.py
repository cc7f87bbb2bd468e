"""Out into the world: a classifier as a file that other programs run, checked by running it."""

from tlcourse.deployment.exporting import export
from tlcourse.deployment.report import ExportReport, Measured
from tlcourse.deployment.targets import FORMATS

__all__ = ["FORMATS", "ExportReport", "Measured", "export"]
