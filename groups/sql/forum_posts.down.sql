DROP TABLE forum_posts;
