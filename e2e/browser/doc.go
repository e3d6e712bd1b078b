// Package browser opens the HTML report in a headless Chromium, as a reader
// would from disk, and looks at what it does there. It has tests only.
package browser
