package gwapi

func (p *pass) subsetServices() []Object { return nil }
