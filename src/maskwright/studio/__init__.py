"""The studio: maskwright in the browser, over an HTTP API that programs may use too."""
