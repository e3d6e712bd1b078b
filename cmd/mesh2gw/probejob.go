package main

import (
	"bytes"
	"os"

	"github.com/urfave/cli/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/plan"
)

const probeJobDescription = `Writes a ConfigMap with PLAN and an Indexed Job whose pods send it at the same time, from inside of the cluster: more load than one
machine gives. What stands behind -- are flags of mesh2gw probe run; --rate is that of each pod. The pods need no permission.
Each writes its result to the PersistentVolumeClaim, as INDEX.json; mesh2gw probe merge makes one of them.

Examples:
  mesh2gw probe job plan.yaml --pods 4 --claim results -- --before http://old.infra --after http://new.infra --rate 500 | kubectl apply -f -
  mesh2gw probe merge results/*.json`

func probeJobCommand() *cli.Command {
	return &cli.Command{
		Name:        "job",
		Usage:       "write a Kubernetes Job that runs a plan in several pods",
		ArgsUsage:   "PLAN -- FLAGS OF RUN",
		Description: probeJobDescription,
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "pods", Value: 1, Usage: "that send at the same time"},
			nameFlag("claim", "PersistentVolumeClaim for the results, which all pods can write", ""),
			nameFlag("name", "of the Job and the ConfigMap", "mesh2gw-probe"),
			nameFlag("namespace", "of both", "default"),
			&cli.StringFlag{Name: "image", Usage: "with mesh2gw as entry point", Value: probeImage},
			&cli.StringFlag{Name: "cpu", Usage: "that each pod asks for; with less the probe itself is late", Value: "1"},
			&cli.StringFlag{Name: "memory", Usage: "likewise", Value: "512Mi"},
		},
		Action:             probeJobAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

const (
	probeImage = "ghcr.io/mesh2gw/mesh2gw:v0.1.0"
	planMount  = "/plan"
	saveMount  = "/results"
	planKey    = "plan.yaml"
	// mostOfConfigMap is what the API server takes (pkg/apis/core/validation, MaxSecretSize).
	mostOfConfigMap = 1 << 20
)

func probeJobAction(c *cli.Context) error {
	words := c.Args().Slice()
	switch {
	case len(words) < 2:
		return usagef(c, "give a plan, and behind -- the flags of mesh2gw probe run")
	case c.String("claim") == "":
		return usagef(c, "--claim says where the pods leave their results")
	case c.Int("pods") < 1 || c.Int("pods") > 1000:
		return usagef(c, "--pods %d: want 1 to 1000", c.Int("pods"))
	}
	text, err := os.ReadFile(words[0])
	if err != nil {
		return usagef(c, "%v", err)
	}
	if _, err := plan.Read(text); err != nil {
		return usagef(c, "plan %s: %v", words[0], err)
	}
	if len(text) >= mostOfConfigMap {
		return usagef(c, "plan %s has %d bytes, and a ConfigMap takes less than %d: make a plan of fewer hosts (mesh2gw probe plan --hosts)", words[0], len(text), mostOfConfigMap)
	}
	asked, err := quantities(c)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for i, object := range []any{planMap(c, text), probeJob(c, words[1:], asked)} {
		data, err := yaml.Marshal(object)
		if err != nil {
			return err
		}
		if i > 0 {
			b.WriteString("---\n")
		}
		b.Write(data)
	}
	_, err = c.App.Writer.Write(b.Bytes())
	return err
}

func quantities(c *cli.Context) (corev1.ResourceList, error) {
	all := corev1.ResourceList{}
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		q, err := resource.ParseQuantity(c.String(string(name)))
		if err != nil || q.Sign() <= 0 {
			return nil, usagef(c, "--%s %s: want a quantity above 0, as 500m or 1Gi", name, c.String(string(name)))
		}
		all[name] = q
	}
	return all, nil
}

func jobMeta(c *cli.Context) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: c.String("name"), Namespace: c.String("namespace"), Labels: map[string]string{"app.kubernetes.io/name": "mesh2gw-probe"}}
}

func planMap(c *cli.Context, text []byte) any {
	return &corev1.ConfigMap{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, ObjectMeta: jobMeta(c), Data: map[string]string{planKey: string(text)}}
}

// job leaves the status out that batchv1.Job prints.
type job struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              batchv1.JobSpec `json:"spec"`
}

// probeJob runs once: a pod that sends its load again would meet none of the others,
// and one that finds a change (exit code 1) must not end them.
// Each has a schedule of its own, by its index.
func probeJob(c *cli.Context, flags []string, asked corev1.ResourceList) any {
	pods := int32(c.Int("pods"))
	args := append([]string{"probe", "run", planMount + "/" + planKey, "--seed", "$(JOB_COMPLETION_INDEX)", "--save", saveMount + "/$(JOB_COMPLETION_INDEX).json"}, flags...)
	return &job{
		TypeMeta: metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"}, ObjectMeta: jobMeta(c),
		Spec: batchv1.JobSpec{
			Completions: &pods, Parallelism: &pods, CompletionMode: new(batchv1.IndexedCompletion), BackoffLimitPerIndex: new(int32(0)),
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{
					Labels:      map[string]string{"app.kubernetes.io/name": "mesh2gw-probe"},
					Annotations: map[string]string{"sidecar.istio.io/inject": "false"}, // a proxy beside the probe would be measured too
				},
				Spec: corev1.PodSpec{
					RestartPolicy: corev1.RestartPolicyNever, AutomountServiceAccountToken: new(false),
					Containers: []corev1.Container{{
						Name: "probe", Image: c.String("image"), Args: args,
						Resources: corev1.ResourceRequirements{Requests: asked},
						VolumeMounts: []corev1.VolumeMount{
							{Name: "plan", MountPath: planMount, ReadOnly: true}, {Name: "results", MountPath: saveMount},
						},
						SecurityContext: &corev1.SecurityContext{AllowPrivilegeEscalation: new(false), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}},
					}},
					Volumes: []corev1.Volume{
						{Name: "plan", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: c.String("name")}}}},
						{Name: "results", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: c.String("claim")}}},
					},
				},
			},
		},
	}
}
