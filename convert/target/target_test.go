package target

import (
	"strings"
	"testing"
)

func TestParseVersion(t *testing.T) {
	for in, want := range map[string]Version{"1.4": V14, "v1.5": V15, "1.6.3": V16, "v1.7.0-rc.1": V17} {
		if got, err := ParseVersion(in); err != nil || got != want {
			t.Errorf("%s: %q %v", in, got, err)
		}
	}
	for _, in := range []string{"", "1", "1.3", "1.8", "1.70", "1.7.", "1.7.x", "2.7", "vv1.7", "1.7.0.1"} {
		got, err := ParseVersion(in)
		if err == nil {
			t.Errorf("%q is taken as %s", in, got)
			continue
		}
		if !strings.Contains(err.Error(), "want 1.4, 1.5, 1.6 or 1.7") {
			t.Errorf("the choices are not in: %v", err)
		}
	}
}

func TestParseChannel(t *testing.T) {
	for _, want := range Channels() {
		if got, err := ParseChannel(string(want)); err != nil || got != want {
			t.Errorf("%s: %q %v", want, got, err)
		}
	}
	_, err := ParseChannel("beta")
	if err == nil || err.Error() != `unknown Gateway API channel "beta": want standard or experimental` {
		t.Errorf("got %v", err)
	}
}

func TestSince(t *testing.T) {
	for f, want := range map[Feature]string{
		HTTPRouteRetry:      "HTTPRoute retry is in the standard channel since 1.7, in the experimental channel since 1.2",
		RequestTimeouts:     "HTTPRoute timeouts are in the standard channel since 1.2, in the experimental channel since 1.0",
		RetryAttemptsZero:   "HTTPRoute retry with 0 attempts is in the standard channel since 1.7, in the experimental channel from 1.2 to 1.5 and since 1.7",
		SessionCookieConfig: "sessionPersistence with cookieConfig is not in the standard channel, in the experimental channel from 1.1 to 1.6",
	} {
		if got := f.Since(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestUnknownBundlePanics(t *testing.T) {
	for _, b := range []Bundle{{}, {Version: V17}, {Version: "seven", Channel: Standard}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v: no panic", b)
				}
			}()
			b.Has(CORS)
		}()
	}
}
