// The package's version, here too so that no file is read to say it; a test compares the two.

export const VERSION = "0.1.0";
