package dev.caravan.snapshot.env;

import java.util.regex.Pattern;

/** Which of rclone's variables may reach the rclone binary. */
public final class RcloneVariables {

  private static final String PREFIX = "RCLONE_";

  /** They say how hard it works, how it speaks S3 and what it tells, and nothing else. */
  private static final Pattern PASSED =
      Pattern.compile(
          PREFIX
              + "(TRANSFERS|CHECKERS|BWLIMIT|BW_LIMIT|TPSLIMIT(_BURST)?|BUFFER_SIZE|USE_MMAP"
              + "|MULTI_THREAD_(CUTOFF|STREAMS|CHUNK_SIZE|WRITE_BUFFER_SIZE)"
              + "|VERBOSE|LOG_LEVEL|LOG_FORMAT|STATS(_[A-Z_]+)?|DUMP"
              + "|RETRIES(_SLEEP)?|LOW_LEVEL_RETRIES|(CON|EXPECT_CONTINUE_)?TIMEOUT"
              + "|FAST_LIST|CHECKSUM|CHECK_FIRST|MAX_BACKLOG|ORDER_BY|METADATA|SKIP_LINKS"
              + "|USER_AGENT|CA_CERT|CLIENT_CERT|CLIENT_KEY|BIND|DSCP"
              + "|DISABLE_HTTP2|DISABLE_HTTP_KEEP_ALIVES"
              + "|S3_(CHUNK_SIZE|UPLOAD_CUTOFF|UPLOAD_CONCURRENCY|COPY_CUTOFF|MAX_UPLOAD_PARTS"
              + "|LIST_CHUNK|LIST_VERSION|LIST_URL_ENCODE|STORAGE_CLASS|ACL|V2_AUTH"
              + "|FORCE_PATH_STYLE|SERVER_SIDE_ENCRYPTION|SSE_KMS_KEY_ID|DISABLE_HTTP2"
              + "|MEMORY_POOL_FLUSH_TIME|MEMORY_POOL_USE_MMAP))");

  /** With them it would leave out or delete what nobody meant, or do nothing and say it did. */
  private static final Pattern REFUSED =
      Pattern.compile(
          PREFIX
              + "(DELETE_EXCLUDED|DRY_RUN|INTERACTIVE|INCLUDE.*|EXCLUDE.*|FILTER.*|FILES_FROM.*"
              + "|HASH_FILTER|METADATA_(INCLUDE|EXCLUDE|FILTER).*|(MAX|MIN)_(AGE|SIZE)"
              + "|MAX_(TRANSFER|DURATION|DEPTH|DELETE.*)|CUTOFF_MODE|IGNORE_.*|EXISTING"
              + "|SIZE_ONLY|UPDATE|IMMUTABLE|NO_CHECK_DEST|(COPY|COMPARE)_DEST|BACKUP_DIR|SUFFIX.*"
              + "|ONE_FILE_SYSTEM|(COPY_)?LINKS|LOCAL_.*|S3_(ENCODING|VERSION.*))");

  private static final Pattern OFF = Pattern.compile("(?i)false|0|off|\\s*");

  /** Bounds of which 0 is the lowest, and none is none. */
  private static final Pattern BOUND = Pattern.compile(PREFIX + "MAX_(DELETE.*|DEPTH)");

  private static final Pattern UNBOUND = Pattern.compile("\\s*(-1\\s*)?");

  private RcloneVariables() {}

  /** True when rclone may have it. */
  public static boolean isPassed(String name) {
    return PASSED.matcher(name).matches();
  }

  /** True when nothing is to be started, for this was asked for. */
  static boolean isRefused(String name, String value) {
    Pattern off = BOUND.matcher(name).matches() ? UNBOUND : OFF;
    return REFUSED.matcher(name).matches() && !off.matcher(value).matches();
  }

  /** True when it is one of rclone's that is neither passed nor refused: it has no effect. */
  static boolean isDropped(String name, String value) {
    return name.startsWith(PREFIX)
        && !isPassed(name)
        && !REFUSED.matcher(name).matches()
        && !value.isBlank();
  }
}
