package dev.caravan.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Documents one key of the configuration; docs, schema and sample file are generated from it. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
  /** What it does, in one or two sentences. */
  String value();

  /** The default as it would be written in YAML; empty when the key is absent by default. */
  String def() default "";

  /** Other names for this key, as full dotted paths from the top, such as dccd's. */
  String[] aliases() default {};

  /** A value to show in the sample file where there is no default. */
  String example() default "";

  /** In words, a default that follows from other keys; empty when there is none. */
  String derived() default "";

  /** The least a number may be. */
  double min() default Double.NEGATIVE_INFINITY;

  /** The most a number may be. */
  double max() default Double.POSITIVE_INFINITY;
}
