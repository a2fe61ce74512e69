package dev.caravan.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes everything to standard error in UTF-8, as {@link LogSetup} says. Logback finds this class
 * by its name in {@code META-INF/services}. It is code and not a file because reading a file would
 * take a tenth of the start; a file of the user's own is taken where {@code
 * -Dlogback.configurationFile} names one.
 */
public final class LogConfigurator extends ContextAwareBase implements Configurator {

  /** Of libraries: they tell of trouble only. A person's own routes log under other names. */
  private static final List<String> LIBRARIES =
      List.of("com", "io", "java", "javax", "jdk", "net", "org", "software", "sun", "dev.failsafe");

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    if (System.getProperty("logback.configurationFile") != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
    encoder.setContext(context);
    encoder.setCharset(StandardCharsets.UTF_8);
    encoder.setLayout(LogSetup.isJson() ? new JsonLayout() : new TextLayout());
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setName("stderr");
    console.setTarget("System.err");
    console.setEncoder(encoder);
    encoder.start();
    console.start();

    LIBRARIES.forEach(name -> context.getLogger(name).setLevel(Level.WARN));
    // What it warns of is thrown as well, and said once, where it is handled.
    context.getLogger("org.apache.sshd").setLevel(Level.ERROR);
    // Vert.x drops a connection that comes at the very moment at which it begins to listen, and
    // says
    // so with an exception of its own; whoever connects then asks again.
    context.getLogger("io.netty.channel.ChannelInitializer").setLevel(Level.ERROR);
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.toLevel(LogSetup.level(), Level.INFO));
    root.addAppender(console);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
