// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

// What Alertmanager's messages cost: renders the default VictorOps, Slack and e-mail message with
// Alertmanager's own template package, from Debian's sources in GOPATH mode. See ../templates.py,
// which builds and runs it beside ours:
//
//	render-peer TEMPLATES ALERTS MILLISECONDS
//
// TEMPLATES is the directory of default.tmpl and email.tmpl, ALERTS a file of JSON as it is posted.
// Prints one JSON object: for each message its bytes and the nanoseconds of CPU that one takes.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/quotedprintable"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/prometheus/common/model"

	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/template"
	"github.com/prometheus/alertmanager/types"
)

type figure struct {
	Nanoseconds float64 `json:"ns"`
	Bytes       int     `json:"bytes"`
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func readAlerts(path string) []*types.Alert {
	text, err := os.ReadFile(path)
	must(err)
	var posted []struct {
		Labels       model.LabelSet `json:"labels"`
		Annotations  model.LabelSet `json:"annotations"`
		StartsAt     time.Time      `json:"startsAt"`
		GeneratorURL string         `json:"generatorURL"`
	}
	must(json.Unmarshal(text, &posted))
	var alerts []*types.Alert
	for _, p := range posted {
		alerts = append(alerts, &types.Alert{Alert: model.Alert{
			Labels: p.Labels, Annotations: p.Annotations, StartsAt: p.StartsAt, GeneratorURL: p.GeneratorURL,
		}})
	}
	return alerts
}

// renderer makes one message from alerts, as the integration does before it sends it.
type renderer struct {
	tmpl   *template.Template
	alerts []*types.Alert
}

func (r *renderer) data() *template.Data {
	return r.tmpl.Data("on-call", model.LabelSet{"service": "cart"}, r.alerts...)
}

func (r *renderer) text(data *template.Data, field string) string {
	out, err := r.tmpl.ExecuteTextString(field, data)
	must(err)
	return out
}

func encode(fields interface{}) int {
	var body bytes.Buffer
	must(json.NewEncoder(&body).Encode(fields))
	return body.Len()
}

// victorOpsRunes is what VictorOps shows of a message.
const victorOpsRunes = 20480

func cut(text string, runes int) string {
	if r := []rune(text); len(r) > runes {
		return string(r[:runes-1]) + "…"
	}
	return text
}

func (r *renderer) victorOps() int {
	data, conf := r.data(), config.DefaultVictorOpsConfig
	return encode(map[string]string{
		"entity_display_name": r.text(data, conf.EntityDisplayName),
		"message_type":        r.text(data, conf.MessageType),
		"monitoring_tool":     r.text(data, conf.MonitoringTool),
		"state_message":       cut(r.text(data, conf.StateMessage), victorOpsRunes),
	})
}

func (r *renderer) slack() int {
	data, conf := r.data(), config.DefaultSlackConfig
	attachment := map[string]interface{}{"mrkdwn_in": []string{"fallback", "pretext", "text"}}
	for name, field := range map[string]string{
		"title": conf.Title, "title_link": conf.TitleLink, "pretext": conf.Pretext, "text": conf.Text,
		"fallback": conf.Fallback, "callback_id": conf.CallbackID, "image_url": conf.ImageURL,
		"thumb_url": conf.ThumbURL, "footer": conf.Footer, "color": conf.Color,
	} {
		attachment[name] = r.text(data, field)
	}
	return encode(map[string]interface{}{
		"channel": r.text(data, "#ops"), "username": r.text(data, conf.Username),
		"icon_emoji": r.text(data, conf.IconEmoji), "icon_url": r.text(data, conf.IconURL),
		"attachments": []interface{}{attachment},
	})
}

func (r *renderer) email() int {
	data, conf := r.data(), config.DefaultEmailConfig
	var body bytes.Buffer
	body.WriteString(r.text(data, "ops@example.com") + r.text(data, "watchfire@example.com"))
	body.WriteString(r.text(data, config.DefaultEmailSubject))
	html, err := r.tmpl.ExecuteHTMLString(conf.HTML, data)
	must(err)
	part := quotedprintable.NewWriter(&body)
	_, err = part.Write([]byte(html))
	must(err)
	must(part.Close())
	return body.Len()
}

func processTime() time.Duration {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// measure renders for as long as was asked for, the collector's work included.
func measure(render func() int, lasting time.Duration) figure {
	size := render()
	begin, begun, count := processTime(), time.Now(), 0
	for time.Since(begun) < lasting {
		render()
		count++
	}
	return figure{float64(processTime()-begin) / float64(count), size}
}

func main() {
	if len(os.Args) != 4 {
		must(fmt.Errorf("usage: render-peer TEMPLATES ALERTS MILLISECONDS"))
	}
	tmpl, err := template.FromGlobs(os.Args[1])
	must(err)
	tmpl.ExternalURL, err = url.Parse("http://alertmanager.example.com")
	must(err)
	milliseconds, err := strconv.Atoi(os.Args[3])
	must(err)
	r := &renderer{tmpl, readAlerts(os.Args[2])}
	figures := map[string]figure{}
	for name, render := range map[string]func() int{
		"victorops": r.victorOps, "slack": r.slack, "email": r.email,
	} {
		figures[name] = measure(render, time.Duration(milliseconds)*time.Millisecond)
	}
	must(json.NewEncoder(os.Stdout).Encode(figures))
}
