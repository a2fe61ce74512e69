package dev.caravan.config.read;

import dev.caravan.config.AlertSettings;
import dev.caravan.config.CamelSettings;
import dev.caravan.config.HttpSettings;
import dev.caravan.config.RcloneSettings;
import dev.caravan.config.RsyncSettings;
import dev.caravan.config.S3Settings;
import dev.caravan.config.Settings;
import dev.caravan.config.SftpSettings;
import dev.caravan.config.StorageSettings;
import dev.caravan.config.check.DgraphRules;
import dev.caravan.config.check.Loopback;
import dev.caravan.config.read.text.Cron;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What must hold between keys, and within one key beyond its form. */
final class Rules {
  private final Findings findings;

  private final RemoteBinder.Bound remotes;

  Rules(Findings findings, RemoteBinder.Bound remotes) {
    this.findings = findings;
    this.remotes = remotes;
  }

  void check(Settings s) {
    patterns("store.include", s.store().include());
    patterns("store.exclude", s.store().exclude());
    patterns("purge.include", s.purge().include());
    patterns("purge.protect", s.purge().protect());
    findings.check(
        s.store().scanInterval().compareTo(Duration.ofSeconds(1)) < 0,
        "store.scan_interval",
        "must be 1s or more",
        "set store.watch: false to scan only once per cycle");
    schedule(s.storage());
    copies(s);
    http(s.http());
    alerts(s.alerts());
    new DgraphRules(findings).check(s.dgraph());
    new PlaceRules(findings, remotes).check(s);
    S3Rules s3 = new S3Rules(findings);
    CamelRules camel = new CamelRules(findings);
    SshRules ssh = new SshRules(findings);
    RcloneRules rclone = new RcloneRules(findings);
    for (int i = 0; i < remotes.paths().size(); i++) {
      if (remotes.remotes().get(i) instanceof S3Settings settings) {
        s3.check(settings, remotes.paths().get(i));
      } else if (remotes.remotes().get(i) instanceof CamelSettings settings) {
        camel.check(settings, remotes.paths().get(i));
      } else if (remotes.remotes().get(i) instanceof SftpSettings settings) {
        ssh.check(settings, remotes.paths().get(i));
      } else if (remotes.remotes().get(i) instanceof RcloneSettings settings) {
        rclone.check(settings, remotes.paths().get(i));
      } else if (remotes.remotes().get(i) instanceof RsyncSettings settings) {
        ssh.check(settings, remotes.paths().get(i));
      }
    }
  }

  private void patterns(String key, List<String> patterns) {
    for (int i = 0; i < patterns.size(); i++) {
      String pattern = patterns.get(i);
      findings.check(
          pattern.startsWith("/")
              || pattern.contains("\\")
              || List.of(pattern.split("/")).contains(".."),
          key + "[" + i + "]",
          "can never match a path in the store",
          "patterns begin in the store, with / between names: logs/**/*.txt");
    }
  }

  private void schedule(StorageSettings storage) {
    String cron = "storage.sync_cron";
    findings.check(
        findings.isWritten(cron) && findings.isWritten("storage.sync_interval"),
        cron,
        "is set together with storage.sync_interval",
        "keep one of them; --set storage.sync_interval=null takes the interval away");
    storage
        .syncCron()
        .flatMap(Cron::problem)
        .ifPresent(problem -> findings.add(cron, problem, Cron.FORM));
  }

  private void copies(Settings s) {
    s.purge()
        .copies()
        .count()
        .ifPresent(
            n ->
                findings.check(
                    n > remotes.written() && remotes.written() > 0,
                    "purge.copies",
                    "is more than there are remotes (" + remotes.written() + ")",
                    "write all, or at most " + remotes.written()));
  }

  private void alerts(AlertSettings alerts) {
    address("alerts.webhook_url", alerts.webhookUrl());
    address("alerts.ping_url", alerts.pingUrl());
    findings.check(
        alerts.webhookSecret().isPresent() && alerts.webhookUrl().isEmpty(),
        "alerts.webhook_secret",
        "is set without alerts.webhook_url",
        "set the address, or remove the secret");
  }

  private void address(String key, Optional<URI> address) {
    findings.check(
        address.filter(url -> url.getRawUserInfo() != null).isPresent(),
        key,
        "has a user or password in it, which would not be sent",
        "use an address with a token in its path");
    findings.check(
        address.filter(url -> url.getRawFragment() != null).isPresent(),
        key,
        "has a # in it, and what follows would not be sent",
        "write %23 where # is meant");
  }

  private void http(HttpSettings http) {
    findings.check(
        !http.host().matches("[A-Za-z0-9._:\\[\\]%-]+"),
        "http.host",
        "is not an address or host name",
        "write 127.0.0.1 or 0.0.0.0, and the port in http.port");
    findings.check(
        !Loopback.is(http.host())
            && !findings.isWritten("http.auth_token")
            && !http.allowAnonymous(),
        "http.host",
        "can be reached by others and http.auth_token is not set",
        "set the token, or http.allow_anonymous: true");
  }
}
