// The registry of github.com/distribution/distribution, as its own cmd/registry, with the file system as its only store:
// the drivers for others' clouds are three quarters of the build.
package main

import (
	"os"

	"github.com/distribution/distribution/v3/registry"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
)

func main() {
	if err := registry.RootCmd.Execute(); err != nil {
		os.Exit(1)
	}
}
