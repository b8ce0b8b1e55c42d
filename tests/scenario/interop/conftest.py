# SPDX-License-Identifier: MIT
import pathlib
import sys

# tools.py, whatever the tests are started with.
sys.path.insert(0, str(pathlib.Path(__file__).parent))
