# Needs only a JDK 17 or newer, Maven and make; `make test` installs what else it needs.
MVN     ?= mvn -B
JAR     := target/caravan.jar
PREFIX   = /usr/local
LIB      = $(DESTDIR)$(PREFIX)/lib/caravan
SOURCES := pom.xml $(shell find src/main -type f)

.DEFAULT_GOAL := help
.PHONY: help run jar install test quick chaos bench fmt clean

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(JAR) ## mirror data/store to data/remote until Ctrl-C (ARGS="sync --dry-run" for another command)
	@exec java -jar $(JAR) $(or $(ARGS),run)

jar: $(JAR) ## build target/caravan.jar, without tests

$(JAR): $(SOURCES)
	@echo "building $@ ..."
	@$(MVN) -q -Dquick -Dmaven.test.skip=true package
	@touch $@

install: $(JAR) ## put the command `caravan` and a unit of systemd under PREFIX=/usr/local
	@case '$(PREFIX)' in /*) ;; *) echo "PREFIX has to begin with /" >&2; exit 1;; esac
	@case '$(DESTDIR)$(PREFIX)' in *[!A-Za-z0-9._/+-]*) echo "PREFIX and DESTDIR: only letters, digits and . _ / + -" >&2; exit 1;; esac
	install -d $(LIB) $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -m 644 $(JAR) config/jvm.options config/short.options config/caravan.yaml $(LIB)
	install -m 755 host/caravan image/archive $(LIB)
	ln -sfn ../lib/caravan/caravan $(DESTDIR)$(PREFIX)/bin/caravan
	install -m 644 host/caravan.service $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed -i 's,/usr/local/bin,$(PREFIX)/bin,' $(DESTDIR)$(PREFIX)/lib/systemd/system/caravan.service
	$(if $(DESTDIR),,$(LIB)/archive || echo "caravan works, but starts slower than it could" >&2)

test: ## everything: installs the servers, builds, runs all tests with real ones
	src/test/lab/install.sh
	$(MVN) verify

quick: ## unit tests only, no servers
	$(MVN) -q -Dquick test

chaos: ## for an hour: 200 kills and more, ten minutes on a full disk, the contract for every kind of remote
	src/test/lab/install.sh
	$(MVN) -Dquick verify -Dtest=NoSuch -Dsurefire.failIfNoSpecifiedTests=false \
	  -Dit.test='KillIT,DsyncKillIT,PurgeKillIT,PurgeIT,RestoreIT,WritersIT,Archive*IT,Rclone*IT,Rsync*IT,Sftp*IT,BurstIT,ManyFoldersIT,SlowDownIT,ResumeIT,MetadataIT,MoverMemoryIT' \
	  -Dcaravan.excluded=nothing -Dcaravan.kills=50 -Dcaravan.dgraph.kills=100 -Dcaravan.purge.seconds=600 \
	  -Dcaravan.writers.seconds=300

bench: $(JAR) ## speed beside rclone and aws-cli; bench/README.md says what can be set
	src/test/lab/install.sh
	bench/bench.py

fmt: ## format the sources
	$(MVN) -q spotless:apply

clean: ## remove what was built
	rm -rf target
