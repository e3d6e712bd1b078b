package page

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Pictures are drawn in a box of this size, and scaled to where they stand.
const (
	plotWidth, plotHeight    = 480.0, 270.0
	left, right, top, bottom = 58.0, 26.0, 12.0, 34.0
)

// chart is a picture, for the template of that name.
type chart struct {
	ID, Title, Says string // Says describes it to who can't see it
	Width, Height   float64
	X, Y            []tick
	XLabel          string
	Bands, Lines    []path
	Marks           []mark
	Right, Bottom   float64 // of the plot
	Left, Top       float64
}

// tick is a line of the grid with its label.
type tick struct {
	At    float64
	Label string
}

// path is a line or an area of one side.
type path struct{ Class, D string }

// mark is a dot.
type mark struct {
	Class, Title string
	X, Y         float64
}

func newChart(id, title string) *chart {
	return &chart{
		ID: id, Title: title, Width: plotWidth, Height: plotHeight,
		Left: left, Right: plotWidth - right, Top: top, Bottom: plotHeight - bottom,
	}
}

// scale maps values to places in a picture.
type scale struct {
	low, high float64 // of the values, or of their logarithms
	from, to  float64 // places
	log       bool
}

func (s scale) at(v float64) float64 {
	if s.log {
		v = math.Log10(v)
	}
	if s.high == s.low {
		return (s.from + s.to) / 2
	}
	return s.from + (s.to-s.from)*(v-s.low)/(s.high-s.low)
}

// inside is at, cut where the picture ends.
func (s scale) inside(v float64) float64 {
	if math.IsInf(v, 1) {
		return s.to
	}
	return min(max(s.at(v), min(s.from, s.to)), max(s.from, s.to))
}

// logScale covers times in ns from low to high, with some room.
func logScale(low, high, from, to float64) scale {
	low, high = max(low, 1), max(high, 1)
	if high < 1.6*low { // else the ticks would have nothing to say
		middle := math.Sqrt(low * high)
		low, high = middle/1.3, middle*1.3
	}
	return scale{low: math.Log10(low) - 0.04, high: math.Log10(high) + 0.04, from: from, to: to, log: true}
}

// timeTicks are round times on s, few enough to be read.
func timeTicks(s scale) []tick {
	for _, steps := range [][]float64{{1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 5, 7}, {1, 2, 5}, {1, 3}, {1}} {
		var all []tick
		for decade := math.Floor(s.low); decade <= s.high; decade++ {
			for _, step := range steps {
				v := step * math.Pow(10, decade)
				if l := math.Log10(v); l >= s.low && l <= s.high {
					all = append(all, tick{s.at(v), duration(v)})
				}
			}
		}
		if len(all) <= 7 {
			return all
		}
	}
	return nil
}

// duration is a time in ns for people: three digits.
func duration(ns float64) string {
	d := time.Duration(math.Round(ns))
	for unit := time.Nanosecond; unit < time.Hour; unit *= 10 {
		if d < 1000*unit {
			return strings.Replace(d.Round(unit).String(), "µs", " µs", 1)
		}
	}
	return d.String()
}

// line joins points; a break is where one is missing (NaN).
func line(points [][2]float64) string {
	var b strings.Builder
	pen := "M"
	for _, p := range points {
		if math.IsNaN(p[1]) {
			pen = "M"
			continue
		}
		fmt.Fprintf(&b, "%s%.1f %.1f", pen, p[0], p[1])
		pen = "L"
	}
	return b.String()
}

// area lies between two lines with the same places on the x axis.
func area(x, low, high []float64) string {
	var b strings.Builder
	for i := range x {
		pen := "L"
		if i == 0 {
			pen = "M"
		}
		fmt.Fprintf(&b, "%s%.1f %.1f", pen, x[i], high[i])
	}
	for i := len(x) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "L%.1f %.1f", x[i], low[i])
	}
	if b.Len() == 0 {
		return ""
	}
	return b.String() + "Z"
}

// TwoSides tells whether the picture needs a legend.
func (c *chart) TwoSides() bool {
	return len(c.Lines) > 1 && c.Lines[0].Class != c.Lines[len(c.Lines)-1].Class
}

// YText and XText are where labels stand.
func (c *chart) YText() float64 { return c.Left - 6 }

// XText is the base line of the labels below.
func (c *chart) XText() float64 { return c.Bottom + 17 }
