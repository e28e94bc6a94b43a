module watchfire/tests/templates/oracle

go 1.19
