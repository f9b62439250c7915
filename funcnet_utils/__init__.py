"""Functional networks: numerics, studies and publishing."""

import os

# Matrix products of MKL round by where their operands lie in memory, unless it is told otherwise;
# a network must have the same bits in populations of every size.
os.environ.setdefault("MKL_CBWR", "AVX2,STRICT")
