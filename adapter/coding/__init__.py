"""The core: which code, which lines, for how much, and why. One file a billing question. Pure; speaks only billing."""
