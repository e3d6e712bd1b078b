package gwapi

func (p *pass) gateways() []Object { return nil }
