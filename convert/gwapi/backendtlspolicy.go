package gwapi

func (p *pass) backendTLSPolicies() []Object { return nil }
