// SPDX-License-Identifier: MIT

package report

import (
	"fmt"
	"maps"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// The structure of SARIF 2.1.0, written from the text of the standard (OASIS,
// chapter 3): of each object that abigen writes all members that the standard
// has, and what it says of them. Its published schema is not ours to keep here.

// member is what the standard says of a member of an object.
type member struct {
	kind     string // string, integer, bool, number, object, array, map or any
	of       string // the object in it, or in the array
	required bool
	enum     []string
	least    float64 // of an integer
	format   string  // of a string: uri, reference or text, which is not empty
	unique   bool    // no two of an array are alike
}

type shape map[string]member

var (
	text  = member{kind: "string", format: "text"}
	level = member{kind: "string", enum: []string{"none", "note", "warning", "error"}}
	uriOf = member{kind: "string", format: "uri"}
	bag   = member{kind: "object", of: "properties"}
	index = member{kind: "integer", least: -1}
	from0 = member{kind: "integer", least: 0}
	from1 = member{kind: "integer", least: 1}
)

func must(m member) member { m.required = true; return m }

func object(of string) member { return member{kind: "object", of: of} }

func array(of string) member { return member{kind: "array", of: of} }

func set(of string) member { return member{kind: "array", of: of, unique: true} }

// The sections are in the order of the standard.
var shapes = map[string]shape{
	"properties": nil, // 3.8: open
	"artifactLocation": { // 3.4
		"uri": {kind: "string", format: "reference"}, "uriBaseId": text, "index": index, "description": object("message"), "properties": bag,
	},
	"message": { // 3.11
		"text": text, "markdown": text, "id": text, "arguments": array("string"), "properties": bag,
	},
	"multiformatMessageString": {"text": must(text), "markdown": text, "properties": bag}, // 3.12
	"log": { // 3.13
		"$schema": uriOf, "version": must(member{kind: "string", enum: []string{"2.1.0"}}), "runs": must(array("run")),
		"inlineExternalProperties": set("properties"), "properties": bag,
	},
	"run": { // 3.14
		"tool": must(object("tool")), "invocations": array("invocation"), "conversion": bag, "language": text,
		"versionControlProvenance": set("properties"), "originalUriBaseIds": bag, "artifacts": set("properties"),
		"logicalLocations": set("logicalLocation"), "graphs": set("properties"), "results": array("result"), "automationDetails": bag,
		"runAggregates": set("properties"), "baselineGuid": text, "redactionTokens": set("string"), "defaultEncoding": text,
		"defaultSourceLanguage": text, "newlineSequences": set("string"),
		"columnKind":                     {kind: "string", enum: []string{"utf16CodeUnits", "unicodeCodePoints"}},
		"externalPropertyFileReferences": bag, "threadFlowLocations": set("properties"), "taxonomies": set("properties"),
		"addresses": set("properties"), "translations": set("properties"), "policies": set("properties"),
		"webRequests": set("properties"), "webResponses": set("properties"), "specialLocations": bag, "properties": bag,
	},
	"tool": {"driver": must(object("toolComponent")), "extensions": set("toolComponent"), "properties": bag}, // 3.18
	"toolComponent": { // 3.19
		"guid": text, "name": must(text), "organization": text, "product": text, "productSuite": text,
		"shortDescription": object("multiformatMessageString"), "fullDescription": object("multiformatMessageString"),
		"fullName": text, "version": text, "semanticVersion": text, "dottedQuadFileVersion": text, "releaseDateUtc": text,
		"downloadUri": uriOf, "informationUri": uriOf, "globalMessageStrings": bag, "notifications": set("reportingDescriptor"),
		"rules": set("reportingDescriptor"), "taxa": set("reportingDescriptor"), "locations": array("artifactLocation"),
		"language": text, "contents": set("string"), "isComprehensive": {kind: "bool"}, "localizedDataSemanticVersion": text,
		"minimumRequiredLocalizedDataSemanticVersion": text, "associatedComponent": bag, "translationMetadata": bag,
		"supportedTaxonomies": set("properties"), "properties": bag,
	},
	"invocation": { // 3.20
		"commandLine": text, "arguments": array("string"), "responseFiles": set("artifactLocation"), "startTimeUtc": text, "endTimeUtc": text,
		"exitCode": {kind: "integer", least: math.Inf(-1)}, "ruleConfigurationOverrides": set("properties"),
		"notificationConfigurationOverrides": set("properties"), "toolExecutionNotifications": array("notification"),
		"toolConfigurationNotifications": array("notification"), "exitCodeDescription": text, "exitSignalName": text,
		"exitSignalNumber": {kind: "integer", least: math.Inf(-1)}, "processStartFailureMessage": text,
		"executionSuccessful": must(member{kind: "bool"}), "machine": text, "account": text, "processId": {kind: "integer", least: math.Inf(-1)},
		"executableLocation": object("artifactLocation"), "workingDirectory": object("artifactLocation"), "environmentVariables": bag,
		"stdin": object("artifactLocation"), "stdout": object("artifactLocation"), "stderr": object("artifactLocation"),
		"stdoutStderr": object("artifactLocation"), "properties": bag,
	},
	"result": { // 3.27
		"ruleId": text, "ruleIndex": index, "rule": bag,
		"kind":  {kind: "string", enum: []string{"notApplicable", "pass", "fail", "review", "open", "informational"}},
		"level": level, "message": must(object("message")), "analysisTarget": object("artifactLocation"), "locations": array("location"),
		"guid": text, "correlationGuid": text, "occurrenceCount": from1, "partialFingerprints": {kind: "map"}, "fingerprints": {kind: "map"},
		"stacks": set("properties"), "codeFlows": array("properties"), "graphs": set("properties"), "graphTraversals": set("properties"),
		"relatedLocations": set("location"), "suppressions": set("suppression"),
		"baselineState": {kind: "string", enum: []string{"new", "unchanged", "updated", "absent"}},
		"rank":          {kind: "number", least: -1}, "attachments": set("properties"), "hostedViewerUri": uriOf, "workItemUris": set("string"),
		"provenance": bag, "fixes": set("properties"), "taxa": set("properties"), "webRequest": bag, "webResponse": bag, "properties": bag,
	},
	"location": { // 3.28
		"id": index, "physicalLocation": object("physicalLocation"), "logicalLocations": set("logicalLocation"), "message": object("message"),
		"annotations": set("region"), "relationships": set("properties"), "properties": bag,
	},
	"physicalLocation": { // 3.29
		"address": bag, "artifactLocation": object("artifactLocation"), "region": object("region"), "contextRegion": object("region"), "properties": bag,
	},
	"region": { // 3.30
		"startLine": from1, "startColumn": from1, "endLine": from1, "endColumn": from1, "charOffset": index, "charLength": from0,
		"byteOffset": index, "byteLength": from0, "snippet": bag, "message": object("message"), "sourceLanguage": text, "properties": bag,
	},
	"logicalLocation": { // 3.33
		"name": text, "index": index, "fullyQualifiedName": text, "decoratedName": text, "parentIndex": index, "kind": text, "properties": bag,
	},
	"suppression": { // 3.35
		"guid": text, "kind": must(member{kind: "string", enum: []string{"inSource", "external"}}),
		"status": {kind: "string", enum: []string{"accepted", "underReview", "rejected"}}, "justification": text,
		"location": object("location"), "properties": bag,
	},
	"reportingDescriptor": { // 3.49
		"id": must(text), "deprecatedIds": set("string"), "guid": text, "deprecatedGuids": set("string"), "name": text, "deprecatedNames": set("string"),
		"shortDescription": object("multiformatMessageString"), "fullDescription": object("multiformatMessageString"), "messageStrings": bag,
		"defaultConfiguration": object("reportingConfiguration"), "helpUri": uriOf, "help": object("multiformatMessageString"),
		"relationships": set("properties"), "properties": bag,
	},
	"reportingConfiguration": { // 3.50
		"enabled": {kind: "bool"}, "level": level, "rank": {kind: "number", least: -1}, "parameters": bag, "properties": bag,
	},
	"notification": { // 3.58
		"locations": set("location"), "message": must(object("message")), "level": level, "threadId": {kind: "integer", least: math.Inf(-1)},
		"timeUtc": text, "exception": bag, "descriptor": bag, "associatedRule": bag, "properties": bag,
	},
}

// sarifProblems lists what a log breaks of the standard.
func sarifProblems(log any) []string {
	c := &sarifCheck{}
	c.object("log", "log", log)
	if len(c.problems) == 0 {
		c.references(log.(map[string]any))
	}
	return c.problems
}

type sarifCheck struct{ problems []string }

func (c *sarifCheck) add(path, format string, args ...any) {
	c.problems = append(c.problems, path+" "+fmt.Sprintf(format, args...))
}

func (c *sarifCheck) object(path, name string, v any) {
	m, ok := v.(map[string]any)
	if !ok {
		c.add(path, "is no object")
		return
	}
	s := shapes[name]
	if s == nil {
		return
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		known, ok := s[k]
		if !ok {
			c.add(path, "has a member %s, which %s has not", k, name)
			continue
		}
		c.value(path+"."+k, known, m[k])
	}
	for _, k := range slices.Sorted(maps.Keys(s)) {
		if _, ok := m[k]; s[k].required && !ok {
			c.add(path, "has no %s", k)
		}
	}
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { _, ok := m[n]; return ok })
	}
	number := func(name string) float64 { n, _ := m[name].(float64); return n }
	switch name {
	case "message":
		if !has("text", "id") || has("markdown") && !has("text") {
			c.add(path, "has neither text nor id, or markdown alone")
		}
	case "physicalLocation":
		if !has("artifactLocation", "address") {
			c.add(path, "has neither artifactLocation nor address")
		}
	case "artifactLocation":
		if !has("uri", "index") {
			c.add(path, "has neither uri nor index")
		}
	case "region":
		if !has("startLine", "charOffset", "byteOffset") || has("startColumn", "endLine", "endColumn") && !has("startLine") {
			c.add(path, "does not say where it starts")
		}
		if has("endLine") && number("endLine") < number("startLine") {
			c.add(path, "ends before it starts")
		}
	case "result":
		if k, ok := m["kind"].(string); ok && k != "fail" && has("level") && m["level"] != "none" {
			c.add(path, "has a level and is no failure")
		}
		if !has("ruleId", "rule") {
			c.add(path, "names no rule")
		}
	}
}

var (
	absoluteURI = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:`)
	uriChars    = regexp.MustCompile(`^(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$`)
)

func (c *sarifCheck) value(path string, m member, v any) {
	switch m.kind {
	case "string":
		s, ok := v.(string)
		if !ok {
			c.add(path, "is no string")
			return
		}
		if m.enum != nil && !slices.Contains(m.enum, s) {
			c.add(path, "is %q, which is none of %q", s, m.enum)
		}
		if m.format == "text" && strings.TrimSpace(s) == "" {
			c.add(path, "is empty")
		}
		if m.format == "uri" || m.format == "reference" {
			c.uri(path, s, m.format == "uri")
		}
	case "integer", "number":
		n, ok := v.(float64)
		if !ok || m.kind == "integer" && n != math.Trunc(n) || n < m.least {
			c.add(path, "is %v, not of kind %s from %v on", v, m.kind, m.least)
		}
	case "bool":
		if _, ok := v.(bool); !ok {
			c.add(path, "is no bool")
		}
	case "map":
		o, ok := v.(map[string]any)
		if !ok {
			c.add(path, "is no object")
		}
		for _, k := range slices.Sorted(maps.Keys(o)) {
			c.value(path+"."+k, text, o[k])
		}
	case "object":
		c.object(path, m.of, v)
	case "array":
		l, ok := v.([]any)
		if !ok {
			c.add(path, "is no array")
			return
		}
		seen := map[string]bool{}
		for i, x := range l {
			at := fmt.Sprintf("%s[%d]", path, i)
			if m.of == "string" {
				c.value(at, text, x)
			} else {
				c.object(at, m.of, x)
			}
			if key := fmt.Sprint(x); m.unique && seen[key] {
				c.add(at, "is there twice")
			} else {
				seen[key] = true
			}
		}
	}
}

// uri checks a URI, or a reference: relative to where the tool ran, with slashes.
func (c *sarifCheck) uri(path, s string, absolute bool) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		c.add(path, "%v", err)
	case !uriChars.MatchString(s):
		c.add(path, "is %q, with characters that a URI has not", s)
	case absolute && (!absoluteURI.MatchString(s) || u.Host == ""):
		c.add(path, "is %q, which is not absolute", s)
	case !absolute && u.Scheme != "" && u.Scheme != "file":
		c.add(path, "is %q, of another scheme than file", s)
	case !absolute && u.Scheme == "" && strings.HasPrefix(s, "/"):
		c.add(path, "is %q, neither relative nor a file URI", s)
	}
}

// references checks what an object says of another.
func (c *sarifCheck) references(log map[string]any) {
	runs, _ := log["runs"].([]any)
	for r, run := range runs {
		run := run.(map[string]any)
		driver := run["tool"].(map[string]any)["driver"].(map[string]any)
		rules, _ := driver["rules"].([]any)
		ids := map[string]bool{}
		for i, rule := range rules {
			id := rule.(map[string]any)["id"].(string)
			if ids[id] {
				c.add(fmt.Sprintf("runs[%d].rules[%d]", r, i), "is %s a second time", id)
			}
			ids[id] = true
		}
		results, _ := run["results"].([]any)
		for i, x := range results {
			res, at := x.(map[string]any), fmt.Sprintf("runs[%d].results[%d]", r, i)
			if n, ok := res["ruleIndex"].(float64); ok && n >= 0 {
				if int(n) >= len(rules) {
					c.add(at, "has a ruleIndex of %v, and there are %d rules", n, len(rules))
				} else if id := rules[int(n)].(map[string]any)["id"]; id != res["ruleId"] {
					c.add(at, "is of rule %v, and its ruleIndex is that of %v", res["ruleId"], id)
				}
			}
			locations := map[float64]bool{}
			related, _ := res["relatedLocations"].([]any)
			for _, l := range related {
				if n, ok := l.(map[string]any)["id"].(float64); ok && locations[n] {
					c.add(at, "has two related locations of id %v", n)
				} else if ok {
					locations[n] = true
				}
			}
		}
	}
}
