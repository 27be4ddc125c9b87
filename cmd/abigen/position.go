// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"strings"
)

// place is a line and column of the configuration file, from 1.
type place struct{ line, col int }

// tomlPlaces returns where each entry of a TOML text is written, for messages
// about what the decoder found nothing wrong with. The keys of an entry are
// joined by tomlKey; the elements of an array have the keys [0], [1] and so on.
// The text must be one that the decoder accepts.
func tomlPlaces(text string) map[string]place {
	s := tomlScanner{text: text, at: map[string]place{}, tables: map[string]int{}}
	var table []string
	for s.space(true); s.i < len(s.text); s.space(true) {
		start := s.i
		switch {
		case s.eat("[["):
			table = s.inTables(s.key())
			s.eat("]]")
			key := tomlKey(table...)
			n := s.tables[key]
			s.tables[key]++
			table = append(table, fmt.Sprintf("[%d]", n))
			s.mark(table, start)
		case s.eat("["):
			table = s.inTables(s.key())
			s.eat("]")
			s.mark(table, start)
		default:
			s.entry(table)
		}
	}
	return s.at
}

// tomlKey joins the keys of an entry.
func tomlKey(keys ...string) string { return strings.Join(keys, "\x00") }

// tomlScanner reads TOML for the sake of places alone.
type tomlScanner struct {
	text   string
	i      int
	at     map[string]place
	tables map[string]int // how many there are of each array of tables
}

// mark notes that an entry begins at byte i.
func (s *tomlScanner) mark(keys []string, i int) {
	before := s.text[:i]
	if _, known := s.at[tomlKey(keys...)]; !known {
		s.at[tomlKey(keys...)] = place{1 + strings.Count(before, "\n"), i - strings.LastIndexByte(before, '\n')}
	}
}

func (s *tomlScanner) eat(token string) bool {
	if strings.HasPrefix(s.text[s.i:], token) {
		s.i += len(token)
		return true
	}
	return false
}

// space skips blanks and, if told so, line ends and comments.
func (s *tomlScanner) space(lines bool) {
	for s.i < len(s.text) {
		switch c := s.text[s.i]; {
		case c == ' ' || c == '\t':
			s.i++
		case lines && (c == '\n' || c == '\r'):
			s.i++
		case lines && c == '#':
			for s.i < len(s.text) && s.text[s.i] != '\n' {
				s.i++
			}
		default:
			return
		}
	}
}

// inTables puts the index of the last table into a key that goes through an
// array of tables.
func (s *tomlScanner) inTables(keys []string) []string {
	var out []string
	for i, k := range keys {
		out = append(out, k)
		if n := s.tables[tomlKey(out...)]; n > 0 && i < len(keys)-1 {
			out = append(out, fmt.Sprintf("[%d]", n-1))
		}
	}
	return out
}

// key reads a key, which may have dots.
func (s *tomlScanner) key() []string {
	var out []string
	for {
		s.space(false)
		start := s.i
		switch {
		case s.i < len(s.text) && (s.text[s.i] == '"' || s.text[s.i] == '\''):
			s.str()
			out = append(out, s.text[start+1:max(start+1, s.i-1)])
		default:
			for s.i < len(s.text) && !strings.ContainsRune(" \t\r\n.=]", rune(s.text[s.i])) {
				s.i++
			}
			out = append(out, s.text[start:s.i])
		}
		s.space(false)
		if !s.eat(".") {
			return out
		}
	}
}

// entry reads a key and its value.
func (s *tomlScanner) entry(table []string) {
	start := s.i
	keys := append(append([]string{}, table...), s.key()...)
	s.mark(keys, start)
	s.space(false)
	if !s.eat("=") {
		s.skip() // not TOML: go on
		return
	}
	s.space(false)
	s.value(keys)
}

func (s *tomlScanner) value(keys []string) {
	switch {
	case s.i >= len(s.text):
	case s.text[s.i] == '"' || s.text[s.i] == '\'':
		s.str()
	case s.eat("["):
		s.space(true)
		for n := 0; s.i < len(s.text) && !s.eat("]"); n++ {
			element := append(append([]string{}, keys...), fmt.Sprintf("[%d]", n))
			start := s.i
			s.mark(element, start)
			s.value(element)
			if s.next(); s.i == start {
				s.skip() // not TOML: go on
			}
		}
	case s.eat("{"):
		s.space(true)
		for s.i < len(s.text) && !s.eat("}") {
			s.entry(keys)
			s.next()
		}
	default:
		for s.i < len(s.text) && !strings.ContainsRune(",]}#\n", rune(s.text[s.i])) {
			s.i++
		}
	}
}

// skip goes on by one byte.
func (s *tomlScanner) skip() { s.i = min(s.i+1, len(s.text)) }

// next skips what separates elements.
func (s *tomlScanner) next() {
	s.space(true)
	s.eat(",")
	s.space(true)
}

// str skips a string of any kind.
func (s *tomlScanner) str() {
	quote := s.text[s.i : s.i+1]
	long := strings.Repeat(quote, 3)
	end := quote
	if s.eat(long) {
		end = long
	} else {
		s.i++
	}
	for s.i < len(s.text) {
		switch {
		case quote == `"` && s.text[s.i] == '\\':
			s.i += 2
		case s.eat(end):
			// Quotes may stand before the end of a long string.
			for end == long && s.i < len(s.text) && s.text[s.i] == quote[0] {
				s.i++
			}
			return
		default:
			s.i++
		}
	}
	s.i = min(s.i, len(s.text))
}
