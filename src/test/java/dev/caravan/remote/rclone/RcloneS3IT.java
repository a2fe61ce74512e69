package dev.caravan.remote.rclone;

import dev.caravan.config.S3Settings;
import dev.caravan.lab.S3Server;
import java.nio.file.Path;
import java.util.List;

/** A bucket, which knows MD5 sums and copies by itself. */
class RcloneS3IT extends RcloneContract {

  @Override
  RcloneSetup setup(Path folder) throws Exception {
    S3Settings bucket = S3Server.CEPH.newBucket().settings();
    return RcloneSetup.in(folder, "lab:" + bucket.bucket() + "/pre fix").config(config(bucket));
  }

  static String config(S3Settings bucket) {
    return """
        [lab]
        type = s3
        provider = Ceph
        endpoint = %s
        access_key_id = %s
        secret_access_key = %s
        list_url_encode = true
        """
        .formatted(
            bucket.endpoint().orElseThrow(), S3Server.ACCESS_KEY, S3Server.SECRET_KEY.reveal());
  }

  /** Ceph writes the folder that it lists into its XML as it is. */
  @Override
  public boolean canHold(String key) {
    return !key.contains("\u0001") && !key.contains("\uFFFF");
  }

  @Override
  public List<String> secrets() {
    return List.of(S3Server.SECRET_KEY.reveal());
  }
}
