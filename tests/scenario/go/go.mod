module scenario

go 1.24

require wxgame v0.0.0

replace wxgame => ../../../bindings/go
