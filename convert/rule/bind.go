package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// MG040-MG079: typing objects.
var (
	WrongType = &finding.Rule{
		ID: "MG040", Severity: finding.Error, Since: "0.1", Group: finding.Config, IST: []string{"IST0106"},
		Title: "value has the wrong type",
		Text:  "Istio refuses an object with a value of the wrong type, so nothing of it is in force. What it was meant to do is not known, and it is not converted.",
		Hint:  "Correct the value.",
		Links: []string{analysisPage + "ist0106/"},
	}
	UnknownField = &finding.Rule{
		ID: "MG041", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "field is not known to Istio",
		Text:  "Istio's CRDs drop fields that they don't know, so the key changes nothing today and nothing afterwards. Its author meant something by it.",
		Hint:  "Correct the name, or remove the key.",
		Links: []string{istioPage + "reference/config/networking/"},
	}
	UnknownEnum = &finding.Rule{
		ID: "MG042", Severity: finding.Error, Since: "0.1", Group: finding.Config, IST: []string{"IST0106"},
		Title: "value is not one of the field's values",
		Text:  "Istio refuses an object with a value that its field does not have, so nothing of it is in force. What it was meant to do is not known, and it is not converted.",
		Hint:  "Choose one of the values.",
		Links: []string{analysisPage + "ist0106/"},
	}
	BadDuration = &finding.Rule{
		ID: "MG043", Severity: finding.Error, Since: "0.1", Group: finding.Config, IST: []string{"IST0106"},
		Title: "value is not a duration",
		Text:  "Durations are numbers with units (h, m, s, ms): 1.5s, 500ms, 1m30s. Istio refuses anything else, a bare number and days included. The object is not converted.",
		Hint:  "Write a number with its unit: 1.5s, 500ms, 24h.",
		Links: []string{analysisPage + "ist0106/"},
	}
	OutOfRange = &finding.Rule{
		ID: "MG044", Severity: finding.Error, Since: "0.1", Group: finding.Config, IST: []string{"IST0106"},
		Title: "number is out of range",
		Text:  "The number does not fit into its field, so Istio refuses the object, and it is not converted.",
		Hint:  "Correct the number.",
		Links: []string{analysisPage + "ist0106/"},
	}
	OneOf = &finding.Rule{
		ID: "MG045", Severity: finding.Error, Since: "0.1", Group: finding.Config, IST: []string{"IST0106"},
		Title: "two fields exclude each other",
		Text:  "Only one of these fields can be set. Istio refuses an object with both, and which of them was meant is not known, so it is not converted.",
		Hint:  "Keep one of them.",
		Links: []string{analysisPage + "ist0106/"},
	}
	LegacyField = &finding.Rule{
		ID: "MG046", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "field was removed from Istio",
		Text:  "An early release of Istio had this field. Today its CRDs drop it, so it has no effect, although its author relies on it.",
		Hint:  "Use the field that took its place, or remove the key.",
		Links: []string{istioPage + "reference/config/networking/"},
	}
	IdleLegacyField = &finding.Rule{
		ID: "MG047", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "removed field is not needed any more",
		Text:  "An early release of Istio had this field. What it asked for is always so by now, in Istio and in Gateway API.",
		Hint:  "Remove the key.",
		Links: []string{istioPage + "reference/config/networking/"},
	}
	ProtoSpelling = &finding.Rule{
		ID: "MG048", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "field is spelled as in protocol buffers",
		Text:  "An API server drops keys that the CRD does not list, and Istio's CRDs list the camelCase names (and mirror_percent). With underscores the field has an effect only where Istio reads files itself. It is converted as if it had one.",
		Hint:  "Check what the cluster does today (kubectl get -o yaml), and write the camelCase name.",
		Links: []string{istioPage + "reference/config/networking/"},
	}
	Placeholder = &finding.Rule{
		ID: "MG049", Severity: finding.Error, Since: "0.1",
		Title: "placeholder where a string can't stand",
		Text:  "A placeholder in a number, a duration or a choice can't be judged before it is filled in, so the object is not converted. In strings placeholders are kept as they are.",
		Hint:  "Fill it in first (envsubst, kustomize build, helm template), then convert.",
	}
	NoSpec = &finding.Rule{
		ID: "MG051", Severity: finding.Error, Since: "0.1", Group: finding.Config, IST: []string{"IST0106"},
		Title: "object has no spec",
		Text:  "Istio refuses an object without a spec. It serves nothing, and is not converted.",
		Hint:  "Write the spec, or remove the object.",
		Links: []string{analysisPage + "ist0106/"},
	}
	StrayKey = &finding.Rule{
		ID: "MG052", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "key stands outside of the spec",
		Text:  "An object has apiVersion, kind, metadata, spec and status. The API server drops other keys, so this one changes nothing today and nothing afterwards.",
		Hint:  "Move it below spec if it was meant to act, or remove it.",
		Links: []string{kubernetesPage + "overview/working-with-objects/"},
	}
	UnknownMetadata = &finding.Rule{
		ID: "MG053", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "key is no part of an object's metadata",
		Text:  "The API server drops it, and so does the conversion.",
		Hint:  "Remove the key, or move it below spec if it was meant to act.",
		Links: []string{kubernetesPage + "overview/working-with-objects/"},
	}
	Owned = &finding.Rule{
		ID: "MG054", Severity: finding.Warning, Since: "0.1",
		Title: "another object owns this one",
		Text:  "A controller wrote this object and goes on changing it. It does not know of what is made from it here, which stays as it is now.",
		Hint:  "Have the owner write Gateway API objects (most controllers can), instead of converting what it wrote.",
		Links: []string{kubernetesPage + "overview/working-with-objects/owners-dependents/"},
	}
	BadName = &finding.Rule{
		ID: "MG056", Severity: finding.Error, Since: "0.1", Group: finding.Config,
		Title: "name or label that Kubernetes refuses",
		Text:  "Names are lower-case DNS names (RFC 1123), labels have a syntax of their own. Kubernetes refuses the object as it stands, so there is no traffic today that the output could be compared with; nothing is converted.",
		Hint:  "Correct the name.",
		Links: []string{kubernetesPage + "overview/working-with-objects/names/", kubernetesPage + "overview/working-with-objects/labels/"},
	}
	WithoutEffect = &finding.Rule{
		ID: "MG055", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "field has no effect in Istio",
		Text:  "The field exists, but Istio's control plane does not read it. Nothing changes by leaving it out; what its author hoped for does not happen today either.",
		Hint:  "Remove the key.",
		Links: []string{istioPage + "reference/config/networking/"},
	}
)

var bindRules = []*finding.Rule{
	WrongType, UnknownField, UnknownEnum, BadDuration, OutOfRange, OneOf, LegacyField, IdleLegacyField,
	ProtoSpelling, Placeholder, NoSpec, StrayKey, UnknownMetadata, Owned, WithoutEffect, BadName,
}
