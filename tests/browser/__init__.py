"""Browser tests: a package, so that its fixtures, and Playwright's event loop, end with it."""
