// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// check looks at every page in every view and returns an error that tells how
// many complaints there were.
func check(ctx context.Context, b *browser, dir string, pages []page, files map[string]string, axe string, stdout io.Writer) error {
	if err := checkChecks(ctx, b, dir, axe); err != nil {
		return fmt.Errorf("the check itself: %w", err)
	}
	bad := 0
	for _, p := range pages {
		var all []string
		for _, v := range views {
			found, err := inspect(ctx, b, address(files[p.name], p.open), v, axe)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", p.name, v.name, err)
			}
			for _, f := range found {
				all = append(all, v.name+": "+f)
			}
		}
		if strings.HasPrefix(p.name, "matrix") {
			for name, test := range map[string]func(context.Context, *browser, string) error{"keys": keys, "no script": withoutScript} {
				if err := test(ctx, b, files[p.name]); err != nil {
					all = append(all, name+": "+err.Error())
				}
			}
		}
		slices.Sort(all)
		verdict := "ok"
		if len(all) > 0 {
			verdict = fmt.Sprintf("%d complaints", len(all))
		}
		fmt.Fprintf(stdout, "%-16s %s\n", p.name, verdict)
		for _, f := range all {
			fmt.Fprintf(stdout, "    %s\n", f)
		}
		bad += len(all)
	}
	if axe == "" {
		fmt.Fprintln(stdout, "accessibility was not checked: give -axe the axe.min.js of the npm package axe-core")
	}
	if bad > 0 {
		return fmt.Errorf("%d complaints", bad)
	}
	fmt.Fprintf(stdout, "%d pages in %d views: no complaint\n", len(pages), len(views))
	return nil
}

// inspect looks at one page in one view and returns what is wrong with it.
func inspect(ctx context.Context, b *browser, url string, v view, axe string) (found []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, perPage)
	defer cancel()
	t, err := b.open(ctx, url, v)
	if err != nil {
		return nil, err
	}
	defer t.close(ctx)
	var size struct{ Has, Room float64 }
	if err := t.eval(ctx, "({Has:document.documentElement.scrollWidth,Room:document.documentElement.clientWidth})", &size); err != nil {
		return nil, err
	}
	if size.Has > size.Room {
		found = append(found, fmt.Sprintf("%g pixels wide in a window of %g", size.Has, size.Room))
	}
	// The dark colours and the narrow window are judged one by one.
	if axe != "" && (!v.dark || v.width > narrow) {
		complaints, err := accessibility(ctx, t, axe)
		if err != nil {
			return nil, err
		}
		found = append(found, complaints...)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.complaints {
		found = append(found, "console: "+c)
	}
	page, _, _ := strings.Cut(url, "#")
	for _, r := range t.requests {
		if u, _, _ := strings.Cut(r, "#"); u != page {
			found = append(found, "asks for "+r)
		}
	}
	return found, nil
}

// accessibility lets axe-core judge the page by all of its rules, the best
// practices too.
func accessibility(ctx context.Context, t *tab, axe string) ([]string, error) {
	if err := t.eval(ctx, axe+";0", nil); err != nil {
		return nil, err
	}
	var text string
	if err := t.eval(ctx, `axe.run(document,{resultTypes:["violations"]}).then(r=>JSON.stringify({passes:r.passes.length,violations:r.violations}))`, &text); err != nil {
		return nil, err
	}
	var r struct {
		Passes     int
		Violations []struct {
			ID, Help string
			Nodes    []struct {
				Target         []any
				FailureSummary string
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return nil, err
	}
	if r.Passes == 0 {
		return nil, errors.New("axe-core has looked at nothing")
	}
	var found []string
	for _, v := range r.Violations {
		n := v.Nodes[0]
		found = append(found, fmt.Sprintf("axe: %s: %s: %d times, first %v: %s", v.ID, v.Help, len(v.Nodes), n.Target,
			strings.Join(strings.Fields(n.FailureSummary), " ")))
	}
	return found, nil
}

// faults are pages with one fault each, and what must be said of it.
var faults = []struct{ body, complaint string }{
	{`<p>fine</p>`, ""},
	{`<p>an error</p><script>missing()</script>`, "console: "},
	{`<p>a word</p><script>console.error("no")</script>`, "console: "},
	{`<p>a picture</p><img alt="" src="nosuch.png">`, "asks for "},
	{`<p>a font</p><style>@import "https://fonts.invalid/a.css";</style>`, "asks for "},
	{`<p style="width:400px">wide</p>`, "pixels wide"},
	{`<p style="color:#aaa">faint</p>`, "axe: color-contrast"},
	{`<div style="overflow:auto;height:2em"><p>one<p>two<p>three<p>four</div>`, "axe: scrollable-region-focusable"},
}

// checkChecks looks at pages with one fault each: a check that finds nothing in
// them says nothing about ours.
func checkChecks(ctx context.Context, b *browser, dir, axe string) error {
	for i, f := range faults {
		if axe == "" && strings.HasPrefix(f.complaint, "axe: ") {
			continue
		}
		file := filepath.Join(dir, fmt.Sprintf("fault-%d.html", i))
		text := `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>fault</title><body style="background:#fff"><main><h1>Fault</h1>` + f.body + `</main></body></html>`
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
		found, err := inspect(ctx, b, address(file, ""), view{width: narrow, height: 400}, axe)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(found, func(s string) bool { return strings.Contains(s, f.complaint) }) && (f.complaint != "" || len(found) > 0) {
			return fmt.Errorf("of %s it says %q, not %q", f.body, found, f.complaint)
		}
	}
	return nil
}

// what is the state of a matrix: the cell that has the keyboard, by its address,
// and the parts that are open.
const what = `({Focus:document.activeElement.hash||document.activeElement.id,
	Open:[...document.querySelectorAll(".open")].filter(s=>s.getClientRects().length).map(s=>s.id)})`

type state struct {
	Focus string
	Open  []string
}

// patience is how long a key may take, on a machine that does other things.
const patience = 20 * time.Second

// keys goes through a matrix with the keyboard alone.
func keys(ctx context.Context, b *browser, file string) error {
	ctx, cancel := context.WithTimeout(ctx, perPage)
	defer cancel()
	t, err := b.open(ctx, address(file, ""), views[0])
	if err != nil {
		return err
	}
	defer t.close(ctx)
	var first []string
	if err := t.eval(ctx, `[0,1].flatMap(y=>[0,1].map(x=>document.querySelectorAll("#matrix tbody tr")[y].querySelectorAll("td a")[x].hash))`, &first); err != nil {
		return err
	}
	var last string
	if err := t.eval(ctx, `[...document.querySelector("#matrix tbody tr").querySelectorAll("td a")].at(-1).hash`, &last); err != nil {
		return err
	}
	steps := []struct{ key, focus, open string }{
		{"ArrowRight", first[1], ""},
		{"ArrowDown", first[3], ""},
		{"ArrowLeft", first[2], ""},
		{"ArrowUp", first[0], ""},
		{"End", last, ""},
		{"Home", first[0], ""},
		{"Enter", first[0][1:], first[0][1:]},
		{"Escape", first[0], first[0][1:]},
	}
	if err := t.eval(ctx, `document.querySelector('#matrix a[tabindex="0"]').focus()`, nil); err != nil {
		return err
	}
	for _, s := range steps {
		if err := t.press(ctx, s.key); err != nil {
			return err
		}
		// What a key does may take the browser a while.
		var got state
		is := func() bool {
			return (s.focus == "" || got.Focus == s.focus) && strings.Join(got.Open, " ") == s.open
		}
		for until := time.Now().Add(patience); ; {
			if err := t.eval(ctx, what, &got); err != nil {
				return err
			}
			if is() {
				break
			}
			if time.Now().After(until) {
				return fmt.Errorf("after %s the keyboard is at %q, want %q, and %q is open, want %q", s.key, got.Focus, s.focus, got.Open, s.open)
			}
			if err := t.eval(ctx, `new Promise(r=>setTimeout(r,20))`, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// withoutScript opens a cell where scripts are off.
func withoutScript(ctx context.Context, b *browser, file string) error {
	ctx, cancel := context.WithTimeout(ctx, perPage)
	defer cancel()
	v := views[0]
	t, err := b.open(ctx, address(file, ""), v)
	if err != nil {
		return err
	}
	defer t.close(ctx)
	var hash string
	if err := t.eval(ctx, `document.querySelector("#matrix td a").hash`, &hash); err != nil {
		return err
	}
	v.noScript = true
	bare, err := b.open(ctx, address(file, hash[1:]), v)
	if err != nil {
		return err
	}
	defer bare.close(ctx)
	// The page may not run scripts; the protocol still may.
	if err := bare.call(ctx, "Emulation.setScriptExecutionDisabled", map[string]any{"value": false}, nil); err != nil {
		return err
	}
	var got struct {
		state
		Links, Ran int
	}
	if err := bare.eval(ctx, `({...`+what+`,Links:[...document.querySelectorAll("#matrix td a")].filter(a=>a.tabIndex==0).length,Ran:document.querySelectorAll("#matrix a[aria-current]").length})`, &got); err != nil {
		return err
	}
	if got.Ran != 0 {
		return errors.New("the script has run all the same")
	}
	if got.Links < 2 || strings.Join(got.Open, " ") != hash[1:] {
		return fmt.Errorf("%d cells can be reached with the keyboard, and %q is open, want %q", got.Links, got.Open, hash[1:])
	}
	return nil
}
