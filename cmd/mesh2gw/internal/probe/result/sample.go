package result

import "math"

// Sample is one request of a load. Times are in ns.
type Sample struct {
	Slot    int32 // of the schedule: both sides get the same request in one slot
	Request int32 // by index among those that were measured
	Planned int64 // since the end of the warm-up
	Lag     int64 // later than planned that it was handed over: ours
	Fired   int64 // since the start, when it was handed over
	Wait    int64 // until it was sent: for a connection that was free, or a new one
	Service int64 // from the first byte sent to the last that came
	Status  int16
	Outcome Outcome
}

// Outcome is what became of a request.
type Outcome uint8

// The outcomes.
const (
	NotSent     Outcome = iota
	Answered            // with a status below 500, or one that is expected
	ServerError         // with another status
	NoAnswer            // in time, or at all
)

// Response is how long the caller waited, in ns. What failed is right-censored:
// +Inf, never a short time.
func (s *Sample) Response() float64 {
	if s.Outcome != Answered {
		return math.Inf(1)
	}
	return float64(s.Wait + s.Service)
}
