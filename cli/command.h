/* SPDX-License-Identifier: MIT */
/* command.h - the subcommands: each a main of its own, argv[0] its name. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

int run_main(int argc, char **argv);
int connect_main(int argc, char **argv);
int check_main(int argc, char **argv);
int dump_main(int argc, char **argv);
int image_main(int argc, char **argv);

#endif
