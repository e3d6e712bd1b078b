package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// MG0xx: reading bytes, YAML and objects.
var inputRules = []*finding.Rule{
	FileTooLarge, NotText, BrokenYAML, TemplateOfIstio, TemplatePassedOver, DuplicateKey, DuplicateKeyElsewhere,
	IstioInNonObject, NonObject, KindMissing, APIVersionMissing, MetadataType, NameMissing, Placeholders,
	TooDeep, TooManyAliases, MergeOverrides, RefusedValue, ListItem,
}

// Rules of package source.
var (
	FileTooLarge = &finding.Rule{
		ID: "MG001", Severity: finding.Error, Since: "0.1",
		Title: "file is larger than the limit",
		Text: "Nothing of the file is read, so none of its routes is converted. " +
			"The limit keeps memory bounded; the configuration of a large mesh is far below it.",
		Hint: "Split the file at its document markers, or export one namespace at a time.",
	}
	NotText = &finding.Rule{
		ID: "MG002", Severity: finding.Error, Since: "0.1", Group: finding.Config,
		Title: "document holds bytes that are no text",
		Text: "YAML is UTF-8 or UTF-16 text without control characters; Kubernetes refuses anything else. " +
			"The document is not read, so none of its routes is converted.",
		Hint:  "Save the file as UTF-8 text, or leave it out.",
		Links: []string{yamlPage},
	}
	BrokenYAML = &finding.Rule{
		ID: "MG003", Severity: finding.Error, Since: "0.1", Group: finding.Config,
		Title: "YAML cannot be parsed",
		Text: "The document cannot be read, by Kubernetes neither, so none of its routes is converted. " +
			"The other documents of the file are.",
		Hint:  "Correct the YAML at this place.",
		Links: []string{yamlPage},
	}
	TemplateOfIstio = &finding.Rule{
		ID: "MG004", Severity: finding.Error, Since: "0.1",
		Title: "template of an Istio object is not rendered",
		Text: "The document holds template actions in double braces, so hosts, paths and even the number of rules are not known yet. " +
			"It is left out, and its routes are not converted.",
		Hint: "Render it first: helm template . | mesh2gw convert.",
	}
	TemplatePassedOver = &finding.Rule{
		ID: "MG005", Severity: finding.Note, Since: "0.1",
		Title: "template is passed over",
		Text: "The file holds template actions and cannot be parsed. " +
			"It does not look like Istio configuration, so nothing that routes requests is expected in it.",
		Hint: "Render it first if it yields Services or Istio objects: helm template . | mesh2gw convert.",
	}
	DuplicateKey = &finding.Rule{
		ID: "MG006", Severity: finding.Error, Since: "0.1", Group: finding.Config,
		Title: "key of an Istio object is written twice",
		Text: "A mapping may hold a key only once. kubectl keeps the last value and drops the others without a word; " +
			"strict tools refuse the document. What its author wanted is unknown: the last value is converted, as the cluster has it.",
		Hint:  "Keep one of the two.",
		Links: []string{yamlPage},
	}
	DuplicateKeyElsewhere = &finding.Rule{
		ID: "MG007", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "key is written twice",
		Text: "A mapping of an object that is not Istio's holds a key twice. " +
			"kubectl keeps the last value, and so does the conversion where it looks at the object at all.",
		Hint:  "Keep one of the two.",
		Links: []string{yamlPage},
	}
	IstioInNonObject = &finding.Rule{
		ID: "MG008", Severity: finding.Error, Since: "0.1", Group: finding.Config,
		Title: "Istio object in a document that is no object",
		Text: "The document is a list or a text, and Istio objects stand inside of it. " +
			"kubectl refuses such a document; its routes are not converted.",
		Hint:  "Write each object as a document of its own, or put them under items of a kind: List.",
		Links: []string{kubernetesPage + "overview/working-with-objects/"},
	}
	NonObject = &finding.Rule{
		ID: "MG009", Severity: finding.Note, Since: "0.1",
		Title: "document is not an object",
		Text: "The document is a list or a text, not a mapping, so it is no Kubernetes object. " +
			"It is passed over; playbooks and JSON patches look like this.",
		Hint: "Leave the file out if it is not meant for the conversion.",
	}
	KindMissing = &finding.Rule{
		ID: "MG010", Severity: finding.Error, Since: "0.1", Group: finding.Config,
		Title: "Istio object without a kind",
		Text: "The apiVersion is Istio's and kind is missing, so what the object does to requests is unknown. " +
			"It is left out.",
		Hint:  "Write its kind.",
		Links: []string{kubernetesPage + "overview/working-with-objects/"},
	}
	APIVersionMissing = &finding.Rule{
		ID: "MG011", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "object without an apiVersion is passed over",
		Text: "The document has kind and metadata, but no apiVersion, so it is not known whose object it is. " +
			"kubectl refuses it; if it is Istio's, its routes are missing in the output.",
		Hint:  "Write its apiVersion.",
		Links: []string{kubernetesPage + "overview/working-with-objects/"},
	}
	MetadataType = &finding.Rule{
		ID: "MG012", Severity: finding.Error, Since: "0.1", Group: finding.Config,
		Title: "metadata has the wrong type",
		Text: "apiVersion, kind, name and namespace are strings, and metadata is a mapping. " +
			"Kubernetes refuses the object as it stands, so there is nothing today that its routes could be compared with.",
		Hint:  "Quote the value, or correct it.",
		Links: []string{kubernetesPage + "overview/working-with-objects/names/"},
	}
	NameMissing = &finding.Rule{
		ID: "MG013", Severity: finding.Error, Since: "0.1", Group: finding.Config,
		Title: "Istio object has no name",
		Text: "Without metadata.name Kubernetes refuses the object, and others can't refer to it. " +
			"What is built from it has no stable name either.",
		Hint:  "Write metadata.name.",
		Links: []string{kubernetesPage + "overview/working-with-objects/names/"},
	}
	Placeholders = &finding.Rule{
		ID: "MG014", Severity: finding.Note, Since: "0.1",
		Title: "placeholders are kept as they are",
		Text: "Values such as ${HOST} or <host> stand for something that is filled in later. They are carried over letter by letter, " +
			"so what is said about the output holds once they are filled in.",
		Hint: "Fill them in first for a full check: envsubst < FILE | mesh2gw convert.",
	}
	TooDeep = &finding.Rule{
		ID: "MG015", Severity: finding.Error, Since: "0.1",
		Title: "document is nested too deep",
		Text: "No Kubernetes object nests that deep, and reading on could exhaust memory. " +
			"The document is left out, so none of its routes is converted.",
		Hint: "Correct the nesting, or leave the document out.",
	}
	TooManyAliases = &finding.Rule{
		ID: "MG016", Severity: finding.Error, Since: "0.1", Group: finding.Config,
		Title: "aliases expand to too much",
		Text: "Aliases of aliases grow a small document beyond any use, and Kubernetes refuses such a document. " +
			"It is left out, so none of its routes is converted.",
		Hint:  "Write the values out, or use fewer aliases.",
		Links: []string{yamlPage},
	}
	MergeOverrides = &finding.Rule{
		ID: "MG017", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "merge key overrides a key written before it",
		Text: "YAML lets a key of the mapping win over the same key of a merge (<<). Kubernetes goes by order: a merge that follows the key wins. " +
			"The merged value is converted, as the cluster has it.",
		Hint:  "Write << first, so that all readers agree.",
		Links: []string{"https://yaml.org/type/merge.html"},
	}
	RefusedValue = &finding.Rule{
		ID: "MG018", Severity: finding.Error, Since: "0.1", Group: finding.Config,
		Title: "value that Kubernetes cannot read",
		Text: "Kubernetes turns YAML into JSON, and this has no JSON: an infinite number, an empty or structured key, a tag that does not fit its value. " +
			"It refuses the document, so none of its routes is converted.",
		Hint:  "Write a plain string or number.",
		Links: []string{yamlPage},
	}
	ListItem = &finding.Rule{
		ID: "MG019", Severity: finding.Error, Since: "0.1", Group: finding.Config,
		Title: "item of a List is not an object",
		Text:  "The items of a kind: List are objects. What stands here is none; Kubernetes refuses the List, and nothing is converted from this item.",
		Hint:  "Remove the item, or write it as an object.",
		Links: []string{kubernetesPage + "overview/working-with-objects/"},
	}
)
