package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.S3Settings;
import dev.caravan.config.SftpSettings;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import dev.caravan.lab.SshServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each example in {@code config/examples} mirrors a store. Only what names a place or a key is
 * replaced by one of the lab; everything else is as it stands there.
 */
class ExamplesIT {

  private static final String CUSTOMER_KEY = "0123456789abcdef0123456789ABCDEF";

  @TempDir Path folder;
  private CaravanSetup caravan;

  @BeforeEach
  void makeStore() throws IOException {
    caravan = CaravanSetup.in(folder).mirror();
    Trees.write(caravan.store().resolve("a/one.txt"), "one");
    Trees.write(caravan.store().resolve("b ü/two.bin"), new byte[70_000]);
  }

  private void example(String name, String... settings) throws IOException {
    caravan.config(Files.readString(Path.of("config/examples").resolve(name)));
    caravan.set("store.path=" + caravan.store(), "store.settle=0s").set(settings);
  }

  private static String[] s3(int remote, S3Bucket bucket) {
    S3Settings s3 = bucket.settings();
    String at = "storage.remotes[%d].".formatted(remote);
    return List.of(
            at + "bucket=" + s3.bucket(),
            at + "endpoint=" + s3.endpoint().orElseThrow(),
            at + "access_key_id=" + s3.accessKeyId().orElseThrow().reveal())
        .toArray(String[]::new);
  }

  private void assertSynced(String... remotes) {
    Outcome sync = caravan.cli("sync", "--json");
    assertThat(sync.exitCode()).as("%s", sync).isZero();
    assertThat(sync.json().at("/counts/uploaded").asInt()).isEqualTo(2 * remotes.length);
    assertThat(sync.json().at("/remotes").fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder(remotes);
  }

  @Test
  void aBucketOfMinio() throws Exception {
    S3Bucket bucket = S3Server.S3PROXY.newBucket();
    example("minio.yaml", s3(0, bucket));
    caravan.env("S3_SECRET", S3Server.SECRET_KEY.reveal());
    assertSynced("minio");
    Mirrored.assertEqual(caravan.store(), bucket.disk().resolve("machines/alpha"));
  }

  @Test
  void aBucketUnderAKeyOfOnesOwn() throws Exception {
    S3Bucket bucket = S3Server.CEPH.newBucket();
    example("aws-sse-c.yaml", s3(0, bucket));
    caravan.env("CUSTOMER_KEY", CUSTOMER_KEY).env("S3_KEY_ID", S3Server.ACCESS_KEY);
    caravan.env("S3_SECRET", S3Server.SECRET_KEY.reveal());
    caravan.set("storage.remotes[0].region=us-east-1");
    assertSynced("archive");
    Outcome check = caravan.cli("check", "--mode", "full");
    assertThat(check.exitCode()).as("%s", check).isZero();
  }

  @Test
  void twoRemotes() throws Exception {
    S3Bucket bucket = S3Server.S3PROXY.newBucket();
    example("two-remotes.yaml", s3(0, bucket));
    caravan.set("storage.remotes[1].path=" + caravan.remote());
    caravan.env("S3_SECRET", S3Server.SECRET_KEY.reveal());
    assertSynced("house", "usb");
    Mirrored.assertEqual(caravan.store(), caravan.remote());
    Mirrored.assertEqual(caravan.store(), bucket.disk());
  }

  @Test
  void aNasBySftp() throws Exception {
    example("nas-sftp.yaml");
    SftpSettings door = ssh();
    caravan.set(
        "storage.remotes[0].host=" + door.host(),
        "storage.remotes[0].port=" + door.port(),
        "storage.remotes[0].user=" + door.user());
    assertSynced("nas");
    Mirrored.assertEqual(caravan.store(), caravan.remote());
  }

  @Test
  void anArchiveByRsync() throws Exception {
    example("nas-rsync.yaml");
    SftpSettings door = ssh();
    caravan.set(
        "storage.remotes[0].host=" + door.user() + "@" + door.host(),
        "storage.remotes[0].port=" + door.port());
    assertSynced("archive");
    Mirrored.assertEqual(caravan.store(), caravan.remote());
  }

  private SftpSettings ssh() {
    SftpSettings door = SshServer.shared().place(SshServer.Door.SHELL, caravan.remote()).settings();
    caravan.set(
        "storage.remotes[0].path=" + caravan.remote(),
        "storage.remotes[0].key_file=" + door.keyFile().orElseThrow(),
        "storage.remotes[0].known_hosts=" + door.knownHosts().orElseThrow());
    return door;
  }

  @Test
  void theConfigurationOfDccd() throws Exception {
    Path rclone =
        Files.writeString(
            folder.resolve("rclone.conf"),
            "[s3]\ntype = alias\nremote = " + caravan.remote() + "\n");
    caravan.config(Files.readString(Path.of("config/examples/dccd.yaml")));
    caravan.set("settings.data_path=" + caravan.store(), "store.settle=0s");
    caravan
        .env("CARAVAN_TOKEN", "a-token-of-32-characters-at-least")
        .env("RCLONE_CONFIG", rclone.toString());
    assertSynced("rclone");
    Mirrored.assertEqual(caravan.store(), caravan.remote().resolve("crypto-archive/path"));
  }
}
