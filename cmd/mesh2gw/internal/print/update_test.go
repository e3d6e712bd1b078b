package print

import "flag"

var update = flag.Bool("update", false, "write what the tests expect anew")
