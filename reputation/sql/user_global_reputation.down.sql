DROP TABLE user_global_reputation;
