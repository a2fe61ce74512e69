package dev.caravan.remote.rclone;

import dev.caravan.config.S3Settings;
import dev.caravan.contract.NetworkContract;
import dev.caravan.lab.CountingProxy;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import dev.caravan.remote.Remote;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** rclone's bucket behind a bad network. */
class RcloneNetworkIT extends NetworkContract {

  @TempDir Path folder;

  private final S3Bucket bucket = S3Server.CEPH.newBucket();

  @Override
  protected CountingProxy proxy() {
    return new CountingProxy(bucket.settings().endpoint().orElseThrow());
  }

  @Override
  protected Remote through(CountingProxy proxy) throws Exception {
    S3Settings settings = bucket.endpoint(proxy.endpoint()).settings();
    return RcloneSetup.in(folder, "lab:" + settings.bucket())
        .config(RcloneS3IT.config(settings))
        .hasty()
        .open();
  }

  @Override
  protected byte[] stored(String key) {
    return bucket.bytes(key);
  }

  /** rclone sends no checksum beside what it streams; it and we compare afterwards. */
  @Override
  protected boolean refusesWhatChanged() {
    return false;
  }

  @Override
  protected boolean checksWhatItReads() {
    return false;
  }
}
