package dev.caravan.remote.rclone;

import dev.caravan.config.S3Settings;
import dev.caravan.contract.BucketNetworkContract;
import dev.caravan.lab.CountingProxy;
import dev.caravan.remote.Remote;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** rclone's bucket behind a bad network. */
class RcloneNetworkIT extends BucketNetworkContract {

  @TempDir Path folder;

  @Override
  protected Remote through(CountingProxy proxy) throws Exception {
    S3Settings settings = bucket(proxy);
    return RcloneSetup.in(folder, "lab:" + settings.bucket())
        .config(RcloneS3IT.config(settings))
        .hasty()
        .open();
  }

  /** rclone sends no checksum beside what it streams; it and we compare afterwards. */
  @Override
  protected boolean refusesWhatChanged() {
    return false;
  }
}
