"""From page sources to the published book: parameters, runner, helpers, Sphinx extension."""
