// SPDX-License-Identifier: MIT

// Package repotest holds tests over the repository itself: promises that no
// single package can keep. It has no code to import.
//
//   - Every file says under which licence it stands (licence_test.go).
//   - Packages import only what ARCHITECTURE.md allows them (layers_test.go).
//   - What the documents show on a console is what the tool prints
//     (console_test.go), and their links lead somewhere (links_test.go); the
//     tutorials are typed as they stand (tutorial_test.go).
//   - Every exported name is documented, every public package has an example that
//     runs (public_test.go), and docs/api lists what they export (api_test.go).
//   - action.yml and the script behind it agree on every name (action_test.go).
//   - docs/rules.md is what the rules say of themselves (rules_test.go), and
//     docs/snapshot.md names every member of the format (snapshot_test.go).
//
// "go test ./internal/repotest -update" rewrites what is generated: docs/api, the
// rule list, the diagram in ARCHITECTURE.md and the import rules of .golangci.yml.
// It never touches written text.
package repotest
