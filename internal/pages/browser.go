// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// browser is a headless Chromium, spoken to in its DevTools protocol over a
// pair of pipes: messages are JSON, each with a zero byte behind it. A pipe
// needs no port and no library.
type browser struct {
	cmd     *exec.Cmd
	profile string
	to      *os.File
	log     *strings.Builder

	mu      sync.Mutex
	next    int
	waiting map[int]chan message
	events  map[string]func(method string, params json.RawMessage) // by session
	gone    error
	closed  chan struct{}
}

// message is what the protocol sends: the answer to a request, or an event.
type message struct {
	ID      int             `json:"id"`
	Session string          `json:"sessionId"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
	Result  json.RawMessage `json:"result"`
	Error   *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// flags keep the browser from everything that is not the page: it draws without
// a screen, and asks nobody for anything.
var flags = []string{
	"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
	"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--mute-audio",
	"--font-render-hinting=none", "--force-color-profile=srgb", "--remote-debugging-pipe",
}

// startBrowser starts one with a profile of its own, which close removes.
func startBrowser(ctx context.Context, path string) (*browser, error) {
	profile, err := os.MkdirTemp("", "abigen-pages-")
	if err != nil {
		return nil, err
	}
	b := &browser{profile: profile, log: &strings.Builder{}, waiting: map[int]chan message{}, closed: make(chan struct{}),
		events: map[string]func(string, json.RawMessage){}}
	itsIn, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	from, itsOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	b.to = to
	b.cmd = exec.CommandContext(ctx, path, append(flags, "--user-data-dir="+profile, "about:blank")...)
	// The protocol reads descriptor 3 and writes 4.
	b.cmd.ExtraFiles = []*os.File{itsIn, itsOut}
	b.cmd.Stderr = b.log
	// A child of the browser that outlives it keeps its standard error open.
	b.cmd.WaitDelay = 10 * time.Second
	if err := b.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w: install Debian's chromium, or name another with -chromium", path, err)
	}
	_, _ = itsIn.Close(), itsOut.Close()
	go b.read(from)
	return b, nil
}

// read hands out what the browser sends until it goes away.
func (b *browser) read(from *os.File) {
	r := bufio.NewReaderSize(from, 1<<16)
	var err error
	for {
		var text []byte
		if text, err = r.ReadBytes(0); err != nil {
			break
		}
		var m message
		if err = json.Unmarshal(text[:len(text)-1], &m); err != nil {
			break
		}
		b.mu.Lock()
		answer, event := b.waiting[m.ID], b.events[m.Session]
		delete(b.waiting, m.ID)
		b.mu.Unlock()
		switch {
		case answer != nil:
			answer <- m
		case m.Method != "" && event != nil:
			event(m.Method, m.Params)
		}
	}
	if errors.Is(err, io.EOF) {
		err = errors.New("it has ended")
	}
	b.mu.Lock()
	b.gone = err
	b.mu.Unlock()
	close(b.closed)
}

// call asks the browser, or one of its pages, and waits for the answer.
func (b *browser) call(ctx context.Context, session, method string, params, result any) error {
	answer := make(chan message, 1)
	b.mu.Lock()
	b.next++
	id := b.next
	b.waiting[id] = answer
	b.mu.Unlock()
	request := map[string]any{"id": id, "method": method, "params": params}
	if params == nil {
		request["params"] = struct{}{}
	}
	if session != "" {
		request["sessionId"] = session
	}
	text, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if _, err := b.to.Write(append(text, 0)); err != nil {
		return fmt.Errorf("the browser: %w\n%s", err, b.log)
	}
	select {
	case m := <-answer:
		if m.Error != nil {
			return fmt.Errorf("%s: %s", method, m.Error.Message)
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(m.Result, result)
	case <-b.closed:
		return fmt.Errorf("%s: the browser: %w\n%s", method, b.gone, b.log)
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", method, ctx.Err())
	}
}

// close ends the browser and removes its profile.
func (b *browser) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = b.call(ctx, "", "Browser.close", nil, nil)
	_ = b.to.Close()
	select {
	case <-b.closed:
	case <-ctx.Done():
		_ = b.cmd.Process.Kill()
	}
	_ = b.cmd.Wait()
	_ = os.RemoveAll(b.profile)
}

// view is how a page is looked at.
type view struct {
	name          string
	width, height int
	scale         float64
	dark, print   bool
	noScript      bool
}

// tab is an open page.
type tab struct {
	b       *browser
	session string
	target  string

	mu         sync.Mutex
	complaints []string // of the console
	requests   []string
	loaded     chan struct{}
}

// open shows a page and waits until it is loaded.
func (b *browser) open(ctx context.Context, url string, v view) (*tab, error) {
	t := &tab{b: b, loaded: make(chan struct{}, 1)}
	var target struct{ TargetID string }
	if err := b.call(ctx, "", "Target.createTarget", map[string]any{"url": "about:blank"}, &target); err != nil {
		return nil, err
	}
	t.target = target.TargetID
	var attached struct{ SessionID string }
	if err := b.call(ctx, "", "Target.attachToTarget", map[string]any{"targetId": t.target, "flatten": true}, &attached); err != nil {
		return nil, err
	}
	t.session = attached.SessionID
	b.mu.Lock()
	b.events[t.session] = t.event
	b.mu.Unlock()
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		if err := t.call(ctx, domain+".enable", nil, nil); err != nil {
			return nil, err
		}
	}
	if err := t.look(ctx, v); err != nil {
		return nil, err
	}
	if err := t.call(ctx, "Page.navigate", map[string]any{"url": url}, nil); err != nil {
		return nil, err
	}
	select {
	case <-t.loaded:
		return t, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: not loaded: %w", url, ctx.Err())
	}
}

// look changes the size of the window and what the reader prefers.
func (t *tab) look(ctx context.Context, v view) error {
	scheme, media := "light", "screen"
	if v.dark {
		scheme = "dark"
	}
	if v.print {
		media = "print"
	}
	scale := v.scale
	if scale == 0 {
		scale = 1
	}
	if err := t.call(ctx, "Emulation.setDeviceMetricsOverride", map[string]any{"width": v.width, "height": v.height, "deviceScaleFactor": scale, "mobile": false}, nil); err != nil {
		return err
	}
	if err := t.call(ctx, "Emulation.setScriptExecutionDisabled", map[string]any{"value": v.noScript}, nil); err != nil {
		return err
	}
	return t.call(ctx, "Emulation.setEmulatedMedia", map[string]any{"media": media,
		"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

func (t *tab) call(ctx context.Context, method string, params, result any) error {
	return t.b.call(ctx, t.session, method, params, result)
}

// event notes what the console said and what was asked for.
func (t *tab) event(method string, params json.RawMessage) {
	var p struct {
		Type string
		Args []struct {
			Value       any
			Description string
		}
		Entry            struct{ Level, Text, URL string }
		ExceptionDetails struct {
			Text      string
			Exception struct{ Description string }
		}
		Request struct{ URL string }
	}
	if json.Unmarshal(params, &p) != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch method {
	case "Page.loadEventFired":
		select {
		case t.loaded <- struct{}{}:
		default:
		}
	case "Runtime.exceptionThrown":
		t.complaints = append(t.complaints, p.ExceptionDetails.Text+" "+p.ExceptionDetails.Exception.Description)
	case "Runtime.consoleAPICalled":
		if p.Type == "error" || p.Type == "warning" || p.Type == "assert" {
			t.complaints = append(t.complaints, fmt.Sprintf("console.%s: %v", p.Type, p.Args))
		}
	case "Log.entryAdded":
		if p.Entry.Level == "error" || p.Entry.Level == "warning" {
			t.complaints = append(t.complaints, strings.TrimSpace(p.Entry.Text+" "+p.Entry.URL))
		}
	case "Network.requestWillBeSent":
		t.requests = append(t.requests, p.Request.URL)
	}
}

// eval evaluates an expression, waiting for its promise, and decodes the value.
func (t *tab) eval(ctx context.Context, expression string, result any) error {
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	if err := t.call(ctx, "Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true}, &r); err != nil {
		return err
	}
	if e := r.ExceptionDetails; e != nil {
		return fmt.Errorf("the page: %s %s", e.Text, e.Exception.Description)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(r.Result.Value, result)
}

// press types one key.
func (t *tab) press(ctx context.Context, key string) error {
	for _, kind := range []string{"keyDown", "keyUp"} {
		k := map[string]any{"type": kind, "key": key, "code": key}
		if key == "Enter" {
			k["text"], k["windowsVirtualKeyCode"] = "\r", 13
		}
		if err := t.call(ctx, "Input.dispatchKeyEvent", k, nil); err != nil {
			return err
		}
	}
	return nil
}

// picture returns the top of the page as a PNG: its whole height, or at most so
// many pixels.
func (t *tab) picture(ctx context.Context, width, most int) ([]byte, error) {
	var height float64
	if err := t.eval(ctx, "Math.ceil(document.documentElement.getBoundingClientRect().height)", &height); err != nil {
		return nil, err
	}
	if most > 0 {
		height = min(height, float64(most))
	}
	var shot struct{ Data string }
	if err := t.call(ctx, "Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true, "fromSurface": true,
		"clip": map[string]any{"x": 0, "y": 0, "width": width, "height": height, "scale": 1}}, &shot); err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(shot.Data)
}

func (t *tab) close(ctx context.Context) {
	_ = t.b.call(ctx, "", "Target.closeTarget", map[string]any{"targetId": t.target}, nil)
	t.b.mu.Lock()
	delete(t.b.events, t.session)
	t.b.mu.Unlock()
}
