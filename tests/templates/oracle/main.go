// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

// Runs template cases through Go's own text/template and html/template: JSON lines in, JSON lines out. See
// oracle_test.cc, which sends the same cases through pkg/templates.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	htmltemplate "html/template"
	"io"
	"os"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// Case is one line of input. Data is typed JSON, see decode.
type Case struct {
	Template   string          `json:"t"`
	Data       json.RawMessage `json:"d"`
	MissingKey string          `json:"missing"`
	HTML       bool            `json:"html"`
}

// Answer is one line of output; either field is empty.
type Answer struct {
	Out string `json:"out"`
	Err string `json:"err"`
}

// KV has a method, a name and a String, as Alertmanager's type does.
type KV map[string]string

func (kv KV) Keys(prefix string) []string {
	var out []string
	for _, key := range sortedKeys(kv) {
		out = append(out, prefix+key)
	}
	return out
}

func (kv KV) String() string { return fmt.Sprintf("KV of %d", len(kv)) }

func sortedKeys(kv KV) []string {
	var out []string
	for key := range kv {
		out = append(out, key)
	}
	for i := range out {
		for j := i; j > 0 && out[j] < out[j-1]; j-- {
			out[j], out[j-1] = out[j-1], out[j]
		}
	}
	return out
}

// Item is a struct with fields and a method.
type Item struct {
	Name   string
	Count  int
	Labels KV
	At     time.Time
}

func (i Item) Double(n int) int { return 2 * n }

// decode turns typed JSON into Go values. Plain arrays and objects become []any and
// map[string]any, numbers int or, with a point, float64; an object with one key that starts with
// "$" stands for another type.
func decode(raw any) any {
	switch v := raw.(type) {
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			f, _ := v.Float64()
			return f
		}
		i, _ := v.Int64()
		return int(i)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = decode(v[i])
		}
		return out
	case map[string]any:
		if len(v) == 1 {
			for key, inner := range v {
				if strings.HasPrefix(key, "$") {
					return decodeTyped(key, inner)
				}
			}
		}
		out := make(map[string]any, len(v))
		for key := range v {
			out[key] = decode(v[key])
		}
		return out
	default:
		return raw
	}
}

func decodeTyped(key string, raw any) any {
	texts := map[string]string{}
	if object, ok := raw.(map[string]any); ok {
		for k, v := range object {
			if s, ok := v.(string); ok {
				texts[k] = s
			}
		}
	}
	switch key {
	case "$strings":
		out := []string{}
		for _, item := range raw.([]any) {
			out = append(out, item.(string))
		}
		return out
	case "$map":
		return texts
	case "$kv":
		return KV(texts)
	case "$int64":
		i, _ := raw.(json.Number).Int64()
		return i
	case "$float":
		f, err := strconv.ParseFloat(raw.(string), 64)
		if err != nil {
			panic(err)
		}
		return f
	case "$duration":
		d, err := time.ParseDuration(raw.(string))
		if err != nil {
			panic(err)
		}
		return d
	case "$time":
		t, err := time.Parse(time.RFC3339Nano, raw.(string))
		if err != nil {
			panic(err)
		}
		return t
	case "$item":
		return Item{
			Name: texts["name"], Count: len(texts), Labels: KV(texts),
			At: time.Unix(1500000000, 0).UTC(),
		}
	}
	panic("unknown type " + key)
}

var functions = template.FuncMap{
	"upper":    strings.ToUpper,
	"lower":    strings.ToLower,
	"words":    strings.Title,
	"join":     func(sep string, s []string) string { return strings.Join(s, sep) },
	"list":     func(values ...any) []any { return append([]any{}, values...) },
	"half":     func(f float64) float64 { return f / 2 },
	"next":     func(i int) int { return i + 1 },
	"negate":   func(b bool) bool { return !b },
	"date":     func(layout string, t time.Time) string { return t.Format(layout) },
	"parse":    func(layout, s string) (time.Time, error) { return time.Parse(layout, s) },
	"safeHtml": func(s string) htmltemplate.HTML { return htmltemplate.HTML(s) },
	"safeUrl":  func(s string) htmltemplate.URL { return htmltemplate.URL(s) },
	"fail":     func(message string) (string, error) { return "", fmt.Errorf("%s", message) },
}

func run(c Case) (answer Answer) {
	decoder := json.NewDecoder(strings.NewReader(string(c.Data)))
	decoder.UseNumber()
	var raw any
	if len(c.Data) > 0 {
		if err := decoder.Decode(&raw); err != nil {
			panic(err)
		}
	}
	var out strings.Builder
	if err := execute(c, &out, decode(raw)); err != nil {
		return Answer{Err: err.Error()}
	}
	return Answer{Out: out.String()}
}

func execute(c Case, out io.Writer, data any) error {
	option := "missingkey=default"
	if c.MissingKey != "" {
		option = "missingkey=" + c.MissingKey
	}
	if c.HTML {
		parsed, err := htmltemplate.New("t").Funcs(htmltemplate.FuncMap(functions)).Option(option).
			Parse(c.Template)
		if err != nil {
			return err
		}
		return parsed.Execute(out, data)
	}
	parsed, err := template.New("t").Funcs(functions).Option(option).Parse(c.Template)
	if err != nil {
		return err
	}
	return parsed.Execute(out, data)
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	for lines.Scan() {
		var c Case
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := encoder.Encode(run(c)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
