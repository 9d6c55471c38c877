"""The demo study: invented patients and the export files their laboratory would have made; it writes nothing else."""

from labmon.demo.files import DemoFiles, write_demo_files

__all__ = ["DemoFiles", "write_demo_files"]
