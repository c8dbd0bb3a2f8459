"""Makes one file that installs Otak on a Raspberry Pi without internet."""
