"""One module an export: `claims(source)` says whether a file is one, `read(source, options)` reads it."""
