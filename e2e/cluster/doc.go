// Package cluster holds mesh2gw against a real kube-apiserver with etcd, on the loopback
// interface. Folder apiserver has the versions of both; they are built once, and kept
// outside of the tree.
package cluster
