module wxgame

go 1.24
