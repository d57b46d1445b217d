"""What students hand in, read with suspicion: nothing here runs, compiles or follows what a student left.

`find_submissions` lists the folders, `read_module` reads one exercise of one folder.
"""

from grader.engine.submissions.folders import Submission, find_submissions
from grader.engine.submissions.modules import ModuleSource, SourceFile, read_module

__all__ = ["ModuleSource", "SourceFile", "Submission", "find_submissions", "read_module"]
