// SPDX-License-Identifier: MIT

package repotest

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

// The column of each kind of source, and a source of that kind that is always
// at hand. A compiled object is not.
var evidenceSources = map[int]string{1: "embedded:R2", 2: "embedded:kernel-R2", 4: "embedded:abi"}

func TestEvidenceTableIsWhatSourcesAttest(t *testing.T) {
	const doc = "ARCHITECTURE.md"
	_, lines := fences(read(t, doc))
	table := rows(lines, "Evidence")
	var kinds []model.Evidence
	for _, r := range table {
		kinds = append(kinds, model.Evidence(strings.Trim(r[0], "`")))
	}
	if !slices.Equal(kinds, model.AllEvidence()) {
		t.Fatalf("%s: the table lists %v, want %v", doc, kinds, model.AllEvidence())
	}
	for column, source := range evidenceSources {
		out, status := run(t, []string{"dump", source})
		var snapshot struct{ Attests []model.Evidence }
		if err := json.Unmarshal([]byte(strings.Join(out, "\n")), &snapshot); err != nil || status != 0 {
			t.Errorf("dump %s: exit status %d, %v", source, status, err)
			continue
		}
		for i, r := range table {
			has := slices.Contains(snapshot.Attests, kinds[i])
			if cell := r[column]; cell == "yes" && !has || cell == "–" && has {
				t.Errorf("%s: %s, %s: the table says %q, and %s attests to it: %v", doc, kinds[i], source, cell, source, has)
			}
		}
	}
}
